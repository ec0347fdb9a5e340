// What the tests of the fused operations share: each runs with all kernels that this processor has, in bf16 and in
// fp32, and compares with ATen in fp32 on the same numbers.
#pragma once

#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include "kernels/dispatch.h"
#include "tests/support/close.h"

namespace sure::test {

/// The element type under test.
inline at::ScalarType& element() {
  static at::ScalarType type = at::kBFloat16;
  return type;
}

/// The relative error of an operation that rounds its result once and sums in fp32; bf16 has 8 bits.
inline double rounding() { return element() == at::kBFloat16 ? 4e-3 : 5e-6; }
/// Of one that rounds in between too (attention's weights).
inline double rounding_twice() { return 2 * rounding(); }

struct Variant {
  std::string kernels;
  at::ScalarType type;
};

inline std::vector<Variant> variants() {
  std::vector<Variant> all;
  for (const std::string& name : kernels::runnable_kernels()) {
    if (name == "aten") continue;
    all.push_back({name, at::kBFloat16});
    all.push_back({name, at::kFloat});
  }
  return all;
}

inline std::string name_of(const testing::TestParamInfo<Variant>& info) {
  return info.param.kernels + (info.param.type == at::kBFloat16 ? "_in_bf16" : "_in_fp32");
}

class Fused : public testing::TestWithParam<Variant> {
 protected:
  Fused() : chosen_(GetParam().kernels) {
    element() = GetParam().type;
    torch::manual_seed(1);
  }

 private:
  kernels::ScopedKernels chosen_;
};

#define SURE_FUSED_TESTS(suite)                                                     \
  INSTANTIATE_TEST_SUITE_P(Kernels, suite, testing::ValuesIn(variants()), name_of); \
  GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(suite)

/// Random numbers that bf16 can hold.
inline Tensor random(at::IntArrayRef sizes, double scale = 1) {
  return (at::randn(sizes) * scale).to(at::kBFloat16).to(element());
}

/// The same in fp32, to be differentiated by.
inline Tensor leaf(const Tensor& x) { return x.detach().to(at::kFloat, false, /*copy=*/true).requires_grad_(); }

}  // namespace sure::test
