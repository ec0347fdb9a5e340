// From log-mel spectrograms to sound.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "audio/log_mel.h"
#include "core/tensor.h"

namespace sure {

class Vocoder {
 public:
  virtual ~Vocoder() = default;

  /// Log-mel fp32 [T, bins] -> mono samples in [-1, 1], fp32 [T · hop].
  virtual Tensor forward(const Tensor& mel) const = 0;

  /// The spectrograms it takes; the sound has their rate.
  virtual const MelOptions& mel() const = 0;

  /// How many frames before and after its own a sample depends on; -1: on all.
  virtual int64_t reach() const = 0;
};

/// A HiFi-GAN in one of three layouts: a Hugging Face folder of SpeechT5HifiGan or FastSpeech2ConformerHifiGan, or the
/// original's `g_…` or `generator…` file, or the folder that has one, with its config.json beside. Throws Error naming
/// the file.
std::unique_ptr<Vocoder> load_vocoder(const std::filesystem::path& path);

/// Throws Error when a vocoder does not take spectrograms as `made` are made: other bins, rates or scales give noise.
/// `name`: of the vocoder, for the message.
void check_mel(const Vocoder& vocoder, const MelOptions& made, const std::filesystem::path& name);

}  // namespace sure
