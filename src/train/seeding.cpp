#include "train/seeding.h"

#include <ATen/Context.h>

#include <mutex>

namespace sure {

void seed_generators(at::Device device, uint64_t seed) {
  for (const at::Device one : {at::Device(at::kCPU), device}) {
    at::Generator generator = at::globalContext().defaultGenerator(one);
    const std::scoped_lock lock(generator.mutex());
    generator.set_current_seed(seed);
  }
}

}  // namespace sure
