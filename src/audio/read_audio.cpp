// File -> mono samples, checked -> the asked rate.
#include <ATen/ops/from_blob.h>
#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "audio/audio.h"
#include "audio/audio_info.h"
#include "audio/audio_stream.h"
#include "audio/memory_file.h"
#include "audio/mono_reader.h"
#include "audio/short_audio.h"
#include "core/error.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

// Input that soxr's filter sees past the last wanted sample, seconds and frames.
constexpr double kFilterSeconds = 0.05;
constexpr int64_t kFilterFrames = 2048;

/// Frames of the file that `max_samples` at `rate` need; -1 = all.
int64_t wanted_frames(int64_t file_rate, int64_t rate, int64_t max_samples) {
  if (max_samples <= 0) return -1;
  if (file_rate == rate) return max_samples;
  const double ratio = static_cast<double>(file_rate) / static_cast<double>(rate);
  const auto filter = kFilterFrames + static_cast<int64_t>(kFilterSeconds * static_cast<double>(file_rate));
  return static_cast<int64_t>(std::ceil(static_cast<double>(max_samples) * ratio)) + filter;
}

/// Grows with what is there, so that a forged header cannot ask for memory.
Tensor read_mono(AudioStream& stream, int64_t wanted) {
  MonoReader reader(stream);
  const auto kept = std::make_shared<std::vector<float>>();
  std::vector<float>& samples = *kept;
  while (wanted < 0 || std::ssize(samples) < wanted) {
    const std::span<const float> block = reader.next(wanted < 0 ? INT64_MAX : wanted - std::ssize(samples));
    if (block.empty()) {
      stream.check_end(std::ssize(samples));
      break;
    }
    samples.insert(samples.end(), block.begin(), block.end());
  }
  return at::from_blob(samples.data(), {std::ssize(samples)}, [kept](void*) {}, at::kFloat);
}

}  // namespace

Tensor read_audio(const fs::path& path, int64_t rate, int64_t max_samples) {
  AudioStream stream(path);
  const Tensor all = read_mono(stream, wanted_frames(stream.rate(), rate, max_samples));
  const Tensor samples = resample(all, static_cast<double>(stream.rate()), static_cast<double>(rate));
  if (samples.size(0) == 0) {
    fail("{}: {} frames at {} Hz are too short to use", path.string(), all.size(0), stream.rate());
  }
  return max_samples > 0 ? samples.slice(0, 0, max_samples) : samples;
}

std::optional<Tensor> read_short_audio(const fs::path& path, int64_t most) {
  AudioStream stream(path);
  const auto is_longer = [&](int64_t frames) { return most > 0 && samples_at({frames, stream.rate()}) > most; };
  if (is_longer(stream.promised_frames())) return std::nullopt;
  const Tensor all = read_mono(stream, wanted_frames(stream.rate(), kSampleRate, most > 0 ? most + 1 : 0));
  if (is_longer(all.size(0))) return std::nullopt;
  return resample(all, static_cast<double>(stream.rate()), static_cast<double>(kSampleRate));
}

Tensor read_audio_bytes(std::string_view bytes, const std::string& name, int64_t rate, int64_t max_samples) {
  const MemoryFile file(bytes);
  try {
    return read_audio(file.path(), rate, max_samples);
  } catch (const Error& error) {
    const std::string message = error.what();
    const std::string path = file.path().string();
    throw Error(error.kind(), message.starts_with(path) ? name + message.substr(path.size()) : message);
  }
}

}  // namespace sure
