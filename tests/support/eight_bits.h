// Which kernels have 8-bit products on this processor.
#pragma once

#include <string>

#include "fused/memory.h"
#include "kernels/dispatch.h"

namespace sure::test {

/// Whether the kernels of that name do for inputs of that type.
inline bool can_quantise_with(const std::string& kernels, at::ScalarType type) {
  const kernels::ScopedKernels chosen(kernels);
  return fused::can_quantise(type, at::kCPU);
}

}  // namespace sure::test
