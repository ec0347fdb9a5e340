// What the tests of the fused operations share: they need kernels, and compare with ATen in fp32 on the same numbers.
#pragma once

#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include "kernels/bf16.h"
#include "tests/support/close.h"

namespace sure::test {

// bf16 has 8 bits; an operation rounds its result once and sums in fp32.
constexpr double kRounding = 4e-3;
// Operations that round in between too (attention's weights).
constexpr double kRoundingTwice = 8e-3;

class Fused : public testing::Test {
 protected:
  void SetUp() override {
    if (kernels::bf16_kernels() == nullptr) GTEST_SKIP() << "this processor has no AVX512_BF16";
    torch::manual_seed(1);
  }
};

/// Random numbers that bf16 can hold.
inline Tensor random(at::IntArrayRef sizes, double scale = 1) { return (at::randn(sizes) * scale).to(at::kBFloat16); }

/// The same in fp32, to be differentiated by.
inline Tensor leaf(const Tensor& x) { return x.detach().to(at::kFloat).requires_grad_(); }

}  // namespace sure::test
