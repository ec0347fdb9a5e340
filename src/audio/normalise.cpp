#include "audio/audio.h"

namespace sure {

Tensor normalise(const Tensor& samples) {
  constexpr double kEpsilon = 1e-7;
  return (samples - samples.mean()) / (samples.var(/*unbiased=*/false) + kEpsilon).sqrt();
}

}  // namespace sure
