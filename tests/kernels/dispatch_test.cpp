#include "kernels/dispatch.h"

#include <gmock/gmock.h>

#include "core/error.h"
#include "tests/support/errors.h"

namespace sure::test {
namespace {

using kernels::Element;
using testing::HasSubstr;

TEST(Dispatch, KernelsCanBeSwitchedOffForAWhile) {
  const kernels::Kernels* best = kernels::find_kernels(Element::kBf16);
  {
    const kernels::ScopedKernels none("aten");
    EXPECT_EQ(kernels::find_kernels(Element::kBf16), nullptr);
    EXPECT_EQ(kernels::find_kernels(Element::kFloat), nullptr);
    const kernels::ScopedKernels again("");
    EXPECT_EQ(kernels::find_kernels(Element::kBf16), best);
  }
  EXPECT_EQ(kernels::find_kernels(Element::kBf16), best);
}

TEST(Dispatch, LibtorchRunsEverywhereAndComesLast) { EXPECT_EQ(kernels::runnable_kernels().back(), "aten"); }

TEST(Dispatch, TheBestAreTaken) {
  const kernels::ScopedKernels best("");
  EXPECT_EQ(kernels::chosen_kernels(), kernels::runnable_kernels().front());
}

TEST(Dispatch, UnknownKernelsAreRefused) {
  EXPECT_THAT(message_of([] { kernels::ScopedKernels("avx3"); }), HasSubstr("SURE_KERNELS=avx3: use one of"));
}

}  // namespace
}  // namespace sure::test
