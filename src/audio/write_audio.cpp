#include "audio/write_audio.h"

#include <sndfile.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <ostream>
#include <string_view>

#include "audio/audio_formats.h"
#include "core/atomic_file.h"
#include "core/error.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

struct OutputFormat {
  std::string_view extension;
  int format;
};
constexpr OutputFormat kFormats[] = {
    {".wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16},
    {".flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16},
    {".ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS},
};

constexpr int64_t kBlock = 4096;  // samples: libsndfile's Vorbis encoder keeps a whole block on the stack
constexpr uint32_t kUnknownLength = 0x7fffffff;

int format_of(const fs::path& path) {
  const std::string extension = lower_extension(path);
  const auto* found = std::find_if(std::begin(kFormats), std::end(kFormats),
                                   [&](const OutputFormat& row) { return row.extension == extension; });
  if (found != std::end(kFormats)) return found->format;
  fail_usage("{}: unknown sound format '{}': end the name with .wav, .flac or .ogg", path.string(), extension);
}

bool is_stream(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored) && !fs::is_regular_file(path, ignored) && !fs::is_directory(path, ignored);
}

/// libsndfile's view of an ostream that can seek. The stream's errors surface when it is flushed.
struct OutputView {
  std::ostream* out;
  sf_count_t end = 0;

  static sf_count_t length(void* data) { return static_cast<OutputView*>(data)->end; }
  static sf_count_t seek(sf_count_t offset, int whence, void* data) {
    auto* view = static_cast<OutputView*>(data);
    const sf_count_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? tell(data) : view->end;
    view->out->seekp(from + offset);
    return tell(data);
  }
  static sf_count_t read(void* /*into*/, sf_count_t /*count*/, void* /*data*/) { return 0; }
  static sf_count_t write(const void* bytes, sf_count_t count, void* data) {
    auto* view = static_cast<OutputView*>(data);
    view->out->write(static_cast<const char*>(bytes), count);
    view->end = std::max(view->end, tell(data));
    return view->out->good() ? count : 0;
  }
  static sf_count_t tell(void* data) { return static_cast<OutputView*>(data)->out->tellp(); }
};

struct Close {
  void operator()(SNDFILE* file) const { sf_close(file); }
};

/// On the CPU, contiguous, all finite.
Tensor checked(const Tensor& samples, const fs::path& path) {
  const Tensor block = samples.detach().to(at::kCPU, at::kFloat).contiguous();
  if (!block.isfinite().all().item<bool>())
    fail("{}: the sound to write has samples that are not finite", path.string());
  return block;
}

void write_with_sndfile(std::ostream& out, const fs::path& path, int64_t rate,
                        const std::function<void(const SampleSink&)>& produce) {
  OutputView view{&out};
  SF_VIRTUAL_IO io = {OutputView::length, OutputView::seek, OutputView::read, OutputView::write, OutputView::tell};
  SF_INFO info = {};
  info.samplerate = static_cast<int>(rate);
  info.channels = 1;
  info.format = format_of(path);
  const std::unique_ptr<SNDFILE, Close> file(sf_open_virtual(&io, SFM_WRITE, &info, &view));
  if (!file) fail("{}: cannot write sound at {} Hz: {}", path.string(), rate, sf_strerror(nullptr));
  sf_command(file.get(), SFC_SET_CLIPPING, nullptr, SF_TRUE);
  produce([&](const Tensor& samples) {
    const Tensor block = checked(samples, path);
    const auto* data = block.const_data_ptr<float>();
    for (int64_t left = block.numel(); left > 0;) {
      const int64_t count = std::min(left, kBlock);
      if (sf_write_float(file.get(), data, count) != count && out.good()) {
        fail("{}: cannot write sound: {}", path.string(), sf_strerror(file.get()));
      }
      data += count;
      left -= count;
    }
  });
}

void append(std::string& bytes, uint32_t value, int count) {
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
}

/// Of 16-bit mono whose length nobody knows yet.
std::string endless_wav_header(int64_t rate) {
  const auto hertz = static_cast<uint32_t>(rate);
  std::string header = "RIFF";
  append(header, kUnknownLength, 4);
  header += "WAVEfmt ";
  append(header, 16, 4);         // bytes of this part
  append(header, 1, 2);          // PCM
  append(header, 1, 2);          // channels
  append(header, hertz, 4);      // samples a second
  append(header, 2 * hertz, 4);  // bytes a second
  append(header, 2, 2);          // bytes a sample
  append(header, 16, 2);         // bits a sample
  header += "data";
  append(header, kUnknownLength - 36, 4);
  return header;
}

void write_endless(std::ostream& out, const fs::path& path, int64_t rate,
                   const std::function<void(const SampleSink&)>& produce) {
  out << endless_wav_header(rate) << std::flush;
  produce([&](const Tensor& samples) {
    const Tensor pcm = (checked(samples, path).clamp(-1, 1) * 32767).round().to(at::kShort);
    out.write(static_cast<const char*>(pcm.const_data_ptr()), static_cast<std::streamsize>(pcm.nbytes()));
    out.flush();
  });
}

}  // namespace

void check_audio_output(const fs::path& path) {
  if (!is_stream(path)) format_of(path);
}

void write_audio(const fs::path& path, int64_t rate, const std::function<void(const SampleSink&)>& produce) {
  check_audio_output(path);
  const auto write = is_stream(path) ? write_endless : write_with_sndfile;
  write_file(path, [&](std::ostream& out) { write(out, path, rate, produce); });
}

void write_audio(const fs::path& path, int64_t rate, const Tensor& samples) {
  write_audio(path, rate, [&](const SampleSink& sink) { sink(samples); });
}

}  // namespace sure
