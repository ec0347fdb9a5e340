#include "audio/audio_stream.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "audio/audio_formats.h"
#include "audio/foreign_formats.h"
#include "audio/mp3_header.h"
#include "audio/ogg_pages.h"
#include "audio/promised_bytes.h"
#include "audio/wav_layout.h"
#include "core/error.h"

namespace sure {

namespace {

// No microphone records beyond these; a header that does is forged or damaged, and resampling by it takes any memory.
constexpr int64_t kLowestRate = 1000;
constexpr int64_t kHighestRate = 1'536'000;
constexpr const char* kLfsPointer = "version https://git-lfs";
constexpr int64_t kMpegTags[] = {0x50, 0x55};  // in a WAV file: layers I and II, layer III

/// By itself or inside a WAV file.
bool is_mpeg(const SF_INFO& info) {
  const int codec = info.format & SF_FORMAT_SUBMASK;
  return codec >= SF_FORMAT_MPEG_LAYER_I && codec <= SF_FORMAT_MPEG_LAYER_III;
}

/// Where MPEG frames are to be looked for: in the whole file or in what a WAV file wraps. Nothing for other files.
std::optional<ByteRange> mp3_range(const ByteFile& file) {
  if (file.has(0, "ID3") || parse_mp3_header(file.bytes(0, kMp3HeaderBytes))) return ByteRange{0, file.size()};
  const std::optional<WavLayout> wav = read_wav_layout(file);
  if (!wav || std::find(std::begin(kMpegTags), std::end(kMpegTags), wav->format_tag) == std::end(kMpegTags)) {
    return std::nullopt;
  }
  const int64_t left = file.size() - wav->data_begin;
  return ByteRange{wav->data_begin, wav->data_begin + (wav->data_bytes < 0 ? left : std::min(left, wav->data_bytes))};
}

void check_whole(const ByteFile& file, const std::string& fault) {
  if (!fault.empty()) fail("{}: cut short or damaged, {}; copy the file again", file.path().string(), fault);
}

void check_is_no_pointer(const ByteFile& file) {
  if (!file.has(0, kLfsPointer)) return;
  fail("{}: a Git LFS pointer stands in place of the audio; run 'git lfs pull' in its folder", file.path().string());
}

void check_promised_bytes(const ByteFile& file) {
  const int64_t missing = missing_bytes(file);
  if (missing == 0) return;
  fail("{}: cut short, {} bytes of samples are missing; copy the file again", file.path().string(), missing);
}

[[noreturn]] void fail_unread(const ByteFile& file) {
  const std::string name = file.path().string();
  const std::string format = foreign_format(file);
  if (!format.empty()) {
    fail("{}: libsndfile does not read {}; install ffmpeg, or convert the file to WAV or FLAC", name, format);
  }
  fail("{}: cannot be read as audio, expected WAV, FLAC, OGG, MP3 or another format of libsndfile (others need ffmpeg)",
       name);
}

}  // namespace

AudioStream::AudioStream(const std::filesystem::path& path) : file_(path) {
  check_is_no_pointer(file_);
  check_promised_bytes(file_);
  const OggPages ogg = is_ogg(file_) ? scan_ogg(file_) : OggPages{};
  check_whole(file_, ogg.fault);
  const std::optional<ByteRange> mp3 = mp3_range(file_);
  const bool opened = mp3 && open_as_mp3(*mp3);
  // Of several streams libsndfile reads the first.
  if (!opened && (ogg.streams > 1 || !open_with_sndfile())) open_with_ffmpeg();
  check_header();
}

bool AudioStream::open_as_mp3(ByteRange range) {
  const std::optional<Mp3Frames> frames = scan_mp3(file_, range);
  if (!frames) return false;
  check_whole(file_, frames->fault);
  if (range.begin == 0 && frames->header_is_right()) return open_path();
  if (frames->layer < 3) return open_lower_layer(range, frames->count * frames->samples_in_each);
  mp3_ = std::make_unique<Mp3Source>(file_, *frames);
  return opened(sf_open_virtual(Mp3Source::functions(), SFM_READ, &info_, mp3_.get()));
}

/// In layers I and II nothing tells a length: libsndfile guesses, and stops there.
bool AudioStream::open_lower_layer(ByteRange range, int64_t samples) {
  if (range.begin != 0 || !open_path() || promised_ < samples) return false;
  promised_ = samples;
  return true;
}

bool AudioStream::open_with_sndfile() {
  if (!open_path()) return false;
  // By the name alone, files of whatever content are taken for headerless samples.
  const bool by_name = (info_.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_RAW;
  if (!by_name && !is_mpeg(info_)) return true;
  sound_.reset();
  return !by_name && open_as_mp3({0, file_.size()});
}

bool AudioStream::open_path() {
  info_ = {};
  return opened(sf_open(file_.path().c_str(), SFM_READ, &info_));
}

bool AudioStream::opened(SNDFILE* sound) {
  sound_.reset(sound);
  promised_ = info_.frames == SF_COUNT_MAX ? -1 : info_.frames;
  return sound_ != nullptr;
}

void AudioStream::open_with_ffmpeg() {
  if (!ffmpeg_is_there()) fail_unread(file_);
  info_ = {};
  ffmpeg_ = std::make_unique<Ffmpeg>(file_.path());
  if (!opened(sf_open_fd(ffmpeg_->output(), SFM_READ, &info_, SF_FALSE))) {
    const std::string complaint = ffmpeg_->finish();
    const bool is_unwanted = complaint.find("not on whitelist") != std::string::npos;
    fail("{}: cannot be read as audio ({}); leave it out, or convert it to WAV or FLAC", file_.path().string(),
         is_unwanted ? "no format of sound that is read here" : "ffmpeg: " + complaint);
  }
  promised_ = -1;
}

void AudioStream::check_header() const {
  const std::string name = file_.path().string();
  if (rate() < kLowestRate || rate() > kHighestRate) {
    fail("{}: header says {} Hz, expected {} to {} Hz", name, rate(), kLowestRate, kHighestRate);
  }
  if (channels() <= 0) fail("{}: header says {} channels, expected at least one", name, channels());
  if (promised_ == 0) fail("{}: zero length, the file holds no samples", name);
}

int64_t AudioStream::read(float* frames, int64_t count) {
  const int64_t read = sf_readf_float(sound_.get(), frames, count);
  if (const int error = sf_error(sound_.get()); error != SF_ERR_NO_ERROR) {
    fail("{}: cut short or damaged ({}); copy the file again", file_.path().string(), sf_error_number(error));
  }
  return std::max<int64_t>(0, read);
}

void AudioStream::check_end(int64_t frames) {
  const std::string name = file_.path().string();
  if (frames < promised_) {
    fail("{}: cut short or damaged, {} frames could be read where the header says {}; copy the file again", name,
         frames, promised_);
  }
  const std::string complaint = ffmpeg_ ? ffmpeg_->finish() : "";
  if (!complaint.empty()) fail("{}: cut short or damaged (ffmpeg: {}); copy the file again", name, complaint);
  if (frames == 0) fail("{}: zero length, the file holds no samples", name);
}

bool AudioStream::has_last_frame() {
  const bool is_flac = (info_.format & SF_FORMAT_TYPEMASK) == SF_FORMAT_FLAC;
  if (!is_flac || promised_ <= 0) return true;  // headers and pages tell of the others
  std::vector<float> frame(static_cast<size_t>(channels()));
  return sf_seek(sound_.get(), promised_ - 1, SEEK_SET) >= 0 && sf_readf_float(sound_.get(), frame.data(), 1) == 1;
}

}  // namespace sure
