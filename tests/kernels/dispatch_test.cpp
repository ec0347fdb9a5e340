#include <gmock/gmock.h>

#include "core/error.h"
#include "kernels/bf16.h"
#include "tests/support/errors.h"

namespace sure::test {
namespace {

using testing::HasSubstr;

TEST(Dispatch, KernelsCanBeSwitchedOffForAWhile) {
  const kernels::Bf16Kernels* best = kernels::bf16_kernels();
  {
    const kernels::ScopedKernels none("aten");
    EXPECT_EQ(kernels::bf16_kernels(), nullptr);
    const kernels::ScopedKernels again("");
    EXPECT_EQ(kernels::bf16_kernels(), best);
  }
  EXPECT_EQ(kernels::bf16_kernels(), best);
}

TEST(Dispatch, UnknownKernelsAreRefused) {
  EXPECT_THAT(message_of([] { kernels::ScopedKernels("avx3"); }), HasSubstr("SURE_KERNELS=avx3: expected"));
}

TEST(Dispatch, KernelsThatTheProcessorLacksAreRefused) {
  if (kernels::bf16_kernels() != nullptr) GTEST_SKIP() << "this processor has them";
  EXPECT_THAT(message_of([] { kernels::ScopedKernels("avx512_bf16"); }), HasSubstr("this processor lacks them"));
}

}  // namespace
}  // namespace sure::test
