// The default generators, from which torch draws dropout, seeded for one step.
#pragma once

#include <c10/core/Device.h>

#include <cstdint>

namespace sure {

/// Seeds the default generators of a device and of the processor, which draws for it too.
void seed_generators(at::Device device, uint64_t seed);

}  // namespace sure
