#include "backbone/frame_samples.h"

#include <functional>
#include <numeric>

namespace sure {

int64_t frame_hop(const BackboneConfig& config) {
  return std::accumulate(config.conv_stride.begin(), config.conv_stride.end(), int64_t{1}, std::multiplies<>());
}

int64_t samples_of_frames(const BackboneConfig& config, int64_t frames) {
  int64_t samples = frames;
  for (size_t i = config.conv_kernel.size(); i-- > 0;) {
    samples = (samples - 1) * config.conv_stride[i] + config.conv_kernel[i];
  }
  return samples;
}

}  // namespace sure
