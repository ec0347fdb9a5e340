#include "train/optimiser.h"

#include <gtest/gtest.h>

#include <limits>

#include "core/error.h"
#include "tests/support/golden.h"

namespace sure {
namespace {

Tensor to_tensor(const nlohmann::json& json) {
  if (json.is_null()) return {};
  if (!json.at(0).is_array()) return torch::tensor(json.get<std::vector<float>>());
  std::vector<Tensor> rows;
  for (const auto& row : json) rows.push_back(to_tensor(row));
  return torch::stack(rows);
}

ParameterList trained(const Tensor& weight, const Tensor& bias) {
  return {{"weight", weight.clone().requires_grad_()}, {"bias", bias.clone().requires_grad_()}};
}

void set_gradients(ParameterList& parameters, const nlohmann::json& step) {
  parameters[0].value.mutable_grad() = to_tensor(step["weight_grad"]);
  parameters[1].value.mutable_grad() = to_tensor(step["bias_grad"]);
}

TEST(AdamW, WithClippingEqualsTorch) {
  for (const auto& golden : test::golden_cases("train/golden/optimiser.json")) {
    ParameterList parameters = trained(to_tensor(golden["weight"]), to_tensor(golden["bias"]));
    AdamWOptions options;
    options.weight_decay = golden["weight_decay"];
    AdamW optimiser(parameters, options);
    for (const auto& step : golden["steps"]) {
      set_gradients(parameters, step);
      EXPECT_NEAR(clip_gradients(parameters, golden["max_norm"]), step["norm"], 1e-5);
      optimiser.step(step["rate"]);
      EXPECT_TRUE(torch::allclose(parameters[0].value, to_tensor(step["weight"]), 1e-5, 1e-6));
      EXPECT_TRUE(torch::allclose(parameters[1].value, to_tensor(step["bias"]), 1e-5, 1e-6));
    }
  }
}

TEST(AdamW, GoesOnFromASavedStateBitByBit) {
  const auto golden = test::read_golden("train/golden/optimiser.json").at("cases").at(1);
  ParameterList parameters = trained(to_tensor(golden["weight"]), to_tensor(golden["bias"]));
  AdamW whole(parameters, {});
  for (size_t i = 0; i < 3; ++i) {
    set_gradients(parameters, golden["steps"][i]);
    whole.step(1e-2);
  }
  ParameterList copies = trained(parameters[0].value.detach(), parameters[1].value.detach());
  AdamW resumed(copies, {});
  ParameterList saved = whole.state();
  for (NamedTensor& moment : saved) moment.value = moment.value.clone();
  ListSource source(saved, "optimizer.safetensors");
  resumed.load_state(source);
  for (size_t i = 3; i < 6; ++i) {
    set_gradients(parameters, golden["steps"][i]);
    whole.step(1e-2);
    set_gradients(copies, golden["steps"][i]);
    resumed.step(1e-2);
  }
  EXPECT_TRUE(torch::equal(parameters[0].value, copies[0].value));
  EXPECT_TRUE(torch::equal(parameters[1].value, copies[1].value));
}

TEST(AdamW, RefusesTheStateOfOtherParameters) {
  AdamW small(trained(torch::zeros({2, 2}), torch::zeros({2})), {});
  AdamW large(trained(torch::zeros({2, 3}), torch::zeros({2})), {});
  ListSource source(small.state(), "optimizer.safetensors");
  EXPECT_THROW(large.load_state(source), Error);
}

TEST(AdamW, ForgetsGradients) {
  ParameterList parameters = trained(torch::zeros({2, 2}), torch::zeros({2}));
  parameters[0].value.mutable_grad() = torch::ones({2, 2});
  AdamW(parameters, {}).zero_gradients();
  EXPECT_FALSE(parameters[0].value.grad().defined());
}

TEST(ClipGradients, LeavesGradientsThatAreNotFinite) {
  ParameterList parameters = trained(torch::zeros({2, 2}), torch::zeros({2}));
  parameters[0].value.mutable_grad() = torch::full({2, 2}, std::numeric_limits<float>::infinity());
  parameters[1].value.mutable_grad() = torch::ones({2});
  EXPECT_FALSE(std::isfinite(clip_gradients(parameters, 1.0)));
  EXPECT_TRUE(torch::equal(parameters[1].value.grad(), torch::ones({2})));
}

TEST(ClipGradients, OfNothingIsZero) { EXPECT_EQ(clip_gradients({}, 1.0), 0); }

}  // namespace
}  // namespace sure
