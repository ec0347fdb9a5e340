// Mel cepstra as the mel-cepstral distance takes them (Kubichek 1993, as PyPI's mel-cepstral-distance 0.0.4 defines
// it): 32 ms of a clip at peak 1, every 8 ms, in twenty triangles on the mel scale.
#pragma once

#include <cstdint>

#include "core/tensor.h"

namespace sure {

constexpr double kCepstrumHop = 0.008;     // seconds
constexpr double kCepstrumWindow = 0.032;  // seconds

/// Mono [S] at `rate` Hz -> the energy of each band in bels, fp64 [T, 20]. Throws Error for silence and for a clip that
/// is shorter than two frames.
Tensor mel_bels(const Tensor& samples, int64_t rate);

/// fp64 [T, 20] -> fp64 [T, 20].
Tensor mel_cepstra(const Tensor& bels);

}  // namespace sure
