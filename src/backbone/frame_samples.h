// How many samples frames of the front-end see, and how far they lie apart.
#pragma once

#include <cstdint>

#include "backbone/config.h"

namespace sure {

/// Samples from the start of one frame to the start of the next.
int64_t frame_hop(const BackboneConfig& config);

/// The fewest samples of which the front-end makes that many frames.
int64_t samples_of_frames(const BackboneConfig& config, int64_t frames);

}  // namespace sure
