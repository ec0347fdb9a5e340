// Randomness as a function of a seed and of what it is for, so that a resumed run needs no generator state.
#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace sure {

/// A seed for one purpose: `parts` (a step, an epoch, an index) mixed into `seed` by SplitMix64 (Steele et al. 2014).
uint64_t mix_seed(uint64_t seed, std::initializer_list<uint64_t> parts);

/// The same with a name in place of numbers (FNV-1a of its bytes).
uint64_t mix_seed(uint64_t seed, std::string_view name);

/// A CPU generator of its own, seeded.
at::Generator make_generator(uint64_t seed);

/// Where a device's default generator stands (bytes), to go back there.
at::Tensor generator_state(at::Device device);
void set_generator_state(at::Device device, const at::Tensor& state);

/// Whatever is drawn from a device's default generator in its lifetime, the generator is as it was afterwards.
class KeptRandomness {
 public:
  explicit KeptRandomness(at::Device device) : device_(device), state_(generator_state(device)) {}
  ~KeptRandomness() { set_generator_state(device_, state_); }
  KeptRandomness(const KeptRandomness&) = delete;
  KeptRandomness& operator=(const KeptRandomness&) = delete;

 private:
  at::Device device_;
  at::Tensor state_;
};

/// 0 … count - 1 in random order.
std::vector<size_t> permutation(size_t count, uint64_t seed);

}  // namespace sure
