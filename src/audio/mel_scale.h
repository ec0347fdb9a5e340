// The mel scale of HTK and Kaldi (O'Shaughnessy 1987).
#pragma once

#include <cmath>

#include "core/tensor.h"

namespace sure {

inline double mel_of(double hertz) { return 1127.0 * std::log(1.0 + hertz / 700.0); }
inline Tensor mel_of(const Tensor& hertz) { return 1127.0 * (1.0 + hertz / 700.0).log(); }

}  // namespace sure
