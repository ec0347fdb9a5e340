// File -> frames of all channels -> checked -> mono [S] -> the asked rate.
#include <ATen/ops/from_blob.h>
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "audio/audio.h"
#include "audio/memory_file.h"
#include "audio/sound_file.h"
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
  const SoundFile file = open_sound_file(path, info);
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
