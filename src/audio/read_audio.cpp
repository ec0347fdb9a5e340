// File -> frames of all channels -> checked -> mono [S] -> the asked rate.
#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "audio/audio.h"
#include "audio/wav_header.h"
#include "core/error.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kBlockFrames = 1 << 16;
// Float files may go past 1, but nothing recorded is this loud, and squares of more leave the range of fp32.
constexpr float kHighestPeak = 1e6F;
// Input that soxr's filter sees past the last wanted sample, seconds and frames.
constexpr double kFilterSeconds = 0.05;
constexpr int64_t kFilterFrames = 2048;

using SoundFile = std::unique_ptr<SNDFILE, decltype(&sf_close)>;

void check_regular_file(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) fail("{}: no such file, expected an audio file", path.string());
  if (fs::is_directory(status)) fail("{}: this is a folder, expected an audio file", path.string());
  if (!fs::is_regular_file(status)) fail("{}: not a regular file, expected an audio file", path.string());
  if (fs::file_size(path, error) == 0 && !error) fail("{}: an empty file (0 bytes), expected audio", path.string());
}

SoundFile open(const fs::path& path, SF_INFO& info) {
  check_regular_file(path);
  SoundFile file(sf_open(path.c_str(), SFM_READ, &info), &sf_close);
  if (file == nullptr) {
    fail("{}: cannot be read as audio ({}), expected WAV, FLAC, OGG, MP3 or another format of libsndfile",
         path.string(), sf_strerror(nullptr));
  }
  if (info.samplerate <= 0 || info.channels <= 0) {
    fail("{}: header says {} Hz and {} channels, expected at least one of each", path.string(), info.samplerate,
         info.channels);
  }
  return file;
}

/// Frames of the file that `max_samples` at `rate` need; -1 = all.
int64_t wanted_frames(int64_t file_rate, int64_t rate, int64_t max_samples) {
  if (max_samples <= 0) return -1;
  if (file_rate == rate) return max_samples;
  const double ratio = static_cast<double>(file_rate) / static_cast<double>(rate);
  const auto filter = kFilterFrames + static_cast<int64_t>(kFilterSeconds * static_cast<double>(file_rate));
  return static_cast<int64_t>(std::ceil(static_cast<double>(max_samples) * ratio)) + filter;
}

/// Interleaved samples; grows with what is there, so that a forged header cannot ask for memory.
std::vector<float> read_frames(SNDFILE* file, int64_t channels, int64_t wanted) {
  std::vector<float> samples;
  for (int64_t done = 0; wanted < 0 || done < wanted;) {
    const int64_t block = wanted < 0 ? kBlockFrames : std::min(kBlockFrames, wanted - done);
    samples.resize(static_cast<size_t>((done + block) * channels));
    const int64_t read = std::max<int64_t>(0, sf_readf_float(file, samples.data() + done * channels, block));
    done += read;
    samples.resize(static_cast<size_t>(done * channels));
    if (read < block) break;
  }
  return samples;
}

void check_complete(const fs::path& path, SNDFILE* file, const SF_INFO& info, int64_t frames, int64_t wanted) {
  const int64_t missing = missing_wav_bytes(path);
  if (missing > 0) fail("{}: cut short, {} bytes of samples are missing; copy the file again", path.string(), missing);
  if (frames == 0 && info.frames == 0) fail("{}: zero length, the file holds no samples", path.string());
  // Streams whose length is unknown say SF_COUNT_MAX.
  const bool short_of_header = info.frames != SF_COUNT_MAX && frames < info.frames && frames != wanted;
  if (short_of_header || frames == 0 || sf_error(file) != SF_ERR_NO_ERROR) {
    fail("{}: cut short or damaged, {} frames could be read where the header says {}; copy the file again",
         path.string(), frames, info.frames);
  }
}

}  // namespace

Tensor read_audio(const fs::path& path, int64_t rate, int64_t max_samples) {
  SF_INFO info{};
  const SoundFile file = open(path, info);
  const int64_t wanted = wanted_frames(info.samplerate, rate, max_samples);
  std::vector<float> interleaved = read_frames(file.get(), info.channels, wanted);
  const auto frames = static_cast<int64_t>(interleaved.size()) / info.channels;
  check_complete(path, file.get(), info, frames, wanted);

  const Tensor all = at::from_blob(interleaved.data(), {frames, info.channels}, at::kFloat);
  const float peak = all.abs().max().item<float>();
  if (!(peak <= kHighestPeak)) {
    fail("{}: holds samples that are {}, expected numbers around [-1, 1]", path.string(),
         std::isfinite(peak) ? fmt::format("as large as {:g}", peak) : "NaN or infinite");
  }
  const Tensor samples = resample(all.mean(1), info.samplerate, static_cast<double>(rate));
  if (samples.size(0) == 0) fail("{}: {} frames at {} Hz are too short to use", path.string(), frames, info.samplerate);
  return max_samples > 0 ? samples.slice(0, 0, max_samples) : samples;
}

}  // namespace sure
