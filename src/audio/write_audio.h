// Sound to a file as it is made, block by block: WAV and FLAC of 16 bits, Ogg Vorbis.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "core/tensor.h"

namespace sure {

/// Takes the next samples: mono fp32 [S]; what lies outside [-1, 1] is clipped.
using SampleSink = std::function<void(const Tensor& samples)>;

/// Throws a usage Error where `path` names no format that can be written: .wav, .flac and .ogg can, and a device or a
/// pipe, which gets WAV.
void check_audio_output(const std::filesystem::path& path);

/// Writes all that `produce` hands to its sink at `rate` Hz, whole or not at all, as write_file does. A pipe gets a WAV
/// header without a length and each block at once. Throws Error naming the file, and for samples that are not finite.
void write_audio(const std::filesystem::path& path, int64_t rate,
                 const std::function<void(const SampleSink& sink)>& produce);

/// The same of samples at hand.
void write_audio(const std::filesystem::path& path, int64_t rate, const Tensor& samples);

}  // namespace sure
