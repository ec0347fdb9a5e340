#include "train/sum_gradients.h"

#include <gtest/gtest.h>

#include "tests/support/two_processes.h"

namespace sure {
namespace {

ParameterList two_parameters(float value) {
  return {{"a", torch::full({2, 3}, value).requires_grad_()}, {"b", torch::full({4}, value).requires_grad_()}};
}

TEST(SumGradients, AloneChangesNothing) {
  ParameterList parameters = two_parameters(1);
  StepSums sums = {0.1, {{"skipped", 2}}};
  sum_gradients(parameters, sums, serial_world());
  EXPECT_FALSE(parameters[0].value.grad().defined());
  EXPECT_EQ(sums.loss, 0.1);
}

#if __has_include(<gloo/transport/device.h>)
TEST(SumGradients, AddsUpWhatProcessesHaveAndLeavesOutWhatNoneHas) {
  test::in_two_processes([](World& world) {
    ParameterList parameters = two_parameters(1);
    if (world.leads()) parameters[0].value.mutable_grad() = torch::full({2, 3}, 2.5F);
    StepSums sums = {0.25, {{"skipped", world.rank()}}};
    sum_gradients(parameters, sums, world);
    EXPECT_TRUE(parameters[0].value.grad().equal(torch::full({2, 3}, 2.5F)));
    EXPECT_FALSE(parameters[1].value.grad().defined());
    EXPECT_EQ(sums.loss, 0.5);
    EXPECT_EQ(sums.others.at("skipped"), 1);
  });
}

TEST(ShareParameters, TakesThoseOfRankZero) {
  test::in_two_processes([](World& world) {
    ParameterList parameters = two_parameters(static_cast<float>(world.rank() + 1));
    share_parameters(parameters, world);
    EXPECT_TRUE(parameters[0].value.equal(torch::ones({2, 3})));
    EXPECT_TRUE(parameters[1].value.equal(torch::ones({4})));
  });
}
#endif

}  // namespace
}  // namespace sure
