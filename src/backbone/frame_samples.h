// How many samples frames of the front-end see.
#pragma once

#include <cstdint>

#include "backbone/config.h"

namespace sure {

/// The fewest samples of which the front-end makes that many frames.
int64_t samples_of_frames(const BackboneConfig& config, int64_t frames);

}  // namespace sure
