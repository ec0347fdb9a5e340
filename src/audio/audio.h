// Audio files as 16 kHz mono: libsndfile decodes, libsoxr resamples.
#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/tensor.h"

namespace sure {

constexpr int64_t kSampleRate = 16000;  // Hz

inline double seconds_of(int64_t samples) { return static_cast<double>(samples) / static_cast<double>(kSampleRate); }

/// The nearest number of samples.
inline int64_t samples_of(double seconds) { return std::llround(seconds * static_cast<double>(kSampleRate)); }

/// Mono samples in [-1, 1] at `rate` Hz, fp32 [S]; channels are averaged, other rates resampled (soxr, high quality).
/// `max_samples` > 0 stops reading after the samples that are needed for that many.
/// Throws Error, naming the file: missing, not audio, cut short, without samples, with NaN or infinite samples.
Tensor read_audio(const std::filesystem::path& path, int64_t rate = kSampleRate, int64_t max_samples = 0);

/// The same of a file's bytes, as they come from standard input; `name` is what errors call it.
Tensor read_audio_bytes(std::string_view bytes, const std::string& name, int64_t rate = kSampleRate,
                        int64_t max_samples = 0);

/// Resamples mono fp32 [S] from one rate to another (Hz).
Tensor resample(const Tensor& samples, double from, double to);

/// (x - mean) / sqrt(var + 1e-7), population variance, as transformers' zero_mean_unit_var_norm; fp32 [S].
Tensor normalise(const Tensor& samples);

}  // namespace sure
