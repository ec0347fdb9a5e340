// Sound for tests: real speech where recordings lie beside the project, else a signal with pitch and formants.
#pragma once

#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <stdexcept>

#include "audio/audio.h"
#include "core/tensor.h"
#include "tests/support/files.h"

namespace sure::test {

/// Writes fp32 [S] (mono) or [S, C] in any format of libsndfile, making the folders above `path`.
inline void write_audio(const std::filesystem::path& path, const Tensor& samples, int rate, int format) {
  std::filesystem::create_directories(path.parent_path());
  const Tensor frames = samples.contiguous();
  SF_INFO info{};
  info.samplerate = rate;
  info.channels = frames.dim() == 1 ? 1 : static_cast<int>(frames.size(1));
  info.format = format;
  SNDFILE* file = sf_open(path.c_str(), SFM_WRITE, &info);
  if (file == nullptr) throw std::runtime_error(path.string() + ": " + sf_strerror(nullptr));
  sf_command(file, SFC_SET_CLIPPING, nullptr, SF_TRUE);
  const sf_count_t written = sf_writef_float(file, frames.const_data_ptr<float>(), frames.size(0));
  sf_close(file);
  if (written != frames.size(0)) throw std::runtime_error(path.string() + ": not all frames were written");
}

/// The same as 16-bit WAV.
inline void write_wav(const std::filesystem::path& path, const Tensor& samples, int rate = kSampleRate) {
  write_audio(path, samples, rate, SF_FORMAT_WAV | SF_FORMAT_PCM_16);
}

/// A vowel-like signal, fp32 [samples] at 16 kHz: harmonics of `pitch` (Hz) under three formants, rising and falling.
inline Tensor synthetic_speech(int64_t samples = kSampleRate, double pitch = 120.0) {
  const Tensor seconds = at::arange(samples, at::kDouble) / static_cast<double>(kSampleRate);
  Tensor sum = at::zeros({samples}, at::kDouble);
  for (double frequency = pitch; frequency < 4000; frequency += pitch) {
    double gain = 0;
    for (const double formant : {700.0, 1200.0, 2600.0}) gain += std::exp(-std::pow((frequency - formant) / 150.0, 2));
    sum += gain * at::sin(2 * M_PI * frequency * seconds);
  }
  const Tensor envelope = at::sin(M_PI * at::arange(samples, at::kDouble) / static_cast<double>(samples));
  return (0.5 * sum * envelope / sum.abs().max()).to(at::kFloat);
}

/// One spoken digit at 16 kHz, fp32 [S]: a real recording when there is one, else synthetic_speech().
inline Tensor some_speech() {
  const std::filesystem::path clip = shared_data() / "fsdd/recordings/7_jackson_10.flac";
  return std::filesystem::exists(clip) ? read_audio(clip) : synthetic_speech();
}

}  // namespace sure::test
