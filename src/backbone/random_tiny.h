// The built-in backbone "random-tiny": a small wav2vec 2.0 with seeded random weights, for tests and to try things.
#pragma once

#include "backbone/config.h"

namespace sure {

constexpr const char* kRandomTiny = "random-tiny";
constexpr uint64_t kRandomTinySeed = 1314;

BackboneConfig random_tiny_config();

}  // namespace sure
