#include "core/rng.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/ops/randperm.h>

#include <mutex>

namespace sure {

namespace {

uint64_t split_mix(uint64_t x) {
  x += 0x9E3779B97F4A7C15ULL;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
  return x ^ (x >> 31);
}

}  // namespace

uint64_t mix_seed(uint64_t seed, std::initializer_list<uint64_t> parts) {
  uint64_t mixed = split_mix(seed);
  for (const uint64_t part : parts) mixed = split_mix(mixed ^ part);
  return mixed;
}

uint64_t mix_seed(uint64_t seed, std::string_view name) {
  uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return mix_seed(seed, {hash});
}

at::Generator make_generator(uint64_t seed) { return at::detail::createCPUGenerator(seed); }

at::Tensor generator_state(at::Device device) {
  at::Generator generator = at::globalContext().defaultGenerator(device);
  const std::scoped_lock lock(generator.mutex());
  return generator.get_state();
}

void set_generator_state(at::Device device, const at::Tensor& state) {
  at::Generator generator = at::globalContext().defaultGenerator(device);
  const std::scoped_lock lock(generator.mutex());
  generator.set_state(state);
}

std::vector<size_t> permutation(size_t count, uint64_t seed) {
  const at::Tensor order = at::randperm(static_cast<int64_t>(count), make_generator(seed), at::kLong);
  const auto* first = order.const_data_ptr<int64_t>();
  return {first, first + count};
}

}  // namespace sure
