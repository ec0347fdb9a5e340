#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

#include "core/error.h"
#include "formats/checkpoint_folder.h"

namespace sure {

namespace {

/// A description that no other name, dtype and shape share.
std::string describe(const NamedTensor& tensor) {
  return fmt::format("{}:{} {} [{}]\n", tensor.name.size(), tensor.name, c10::toString(tensor.value.scalar_type()),
                     fmt::join(tensor.value.sizes(), ","));
}

}  // namespace

std::string fingerprint(const ParameterList& tensors) {
  ParameterList sorted = tensors;
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  XXH3_state_t state;
  XXH3_128bits_reset(&state);
  for (const NamedTensor& tensor : sorted) {
    const std::string text = describe(tensor);
    XXH3_128bits_update(&state, text.data(), text.size());
    const Tensor dense = tensor.value.detach().to(at::kCPU).contiguous();
    XXH3_128bits_update(&state, dense.data_ptr(), dense.nbytes());
  }
  const XXH128_hash_t hash = XXH3_128bits_digest(&state);
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace sure
