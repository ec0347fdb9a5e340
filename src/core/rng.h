// Randomness as a function of a seed and of what it is for, so that a resumed run needs no generator state.
#pragma once

#include <ATen/core/Generator.h>

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

/// 0 … count - 1 in random order.
std::vector<size_t> permutation(size_t count, uint64_t seed);

}  // namespace sure
