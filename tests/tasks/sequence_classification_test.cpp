#include "tasks/heads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/built_head.h"

namespace sure::test {
namespace {

constexpr int64_t kWidth = 12, kLayers = 3, kClasses = 5, kProjection = 7;

BackboneConfig small() {
  BackboneConfig config;
  config.hidden_size = kWidth;
  config.num_hidden_layers = kLayers;
  config.classifier_proj_size = kProjection;
  return config;
}

struct Classifier : BuiltHead {
  explicit Classifier(const HeadOptions& options = {})
      : BuiltHead(make_sequence_classification_head, small(), kClasses, options) {}
};

TEST(SequenceClassificationHead, HasTheTensorsOfTransformers) {
  const Classifier built(weighted());
  EXPECT_EQ(built.parameters.size(), 5U);
  EXPECT_EQ(built["projector.weight"].sizes(), at::IntArrayRef({kProjection, kWidth}));
  EXPECT_EQ(built["projector.bias"].sizes(), at::IntArrayRef({kProjection}));
  EXPECT_EQ(built["classifier.weight"].sizes(), at::IntArrayRef({kClasses, kProjection}));
  EXPECT_EQ(built["classifier.bias"].sizes(), at::IntArrayRef({kClasses}));
  EXPECT_EQ(built["layer_weights"].sizes(), at::IntArrayRef({kLayers + 1}));
}

TEST(SequenceClassificationHead, StartsAsTorchLinear) {
  const Classifier built;
  for (const std::string layer : {"projector", "classifier"}) {
    const double bound = 1 / std::sqrt(static_cast<double>(built[layer + ".weight"].size(1)));
    for (const std::string part : {".weight", ".bias"}) {
      const double largest = built[layer + part].abs().max().item<double>();
      EXPECT_LE(largest, bound) << layer << part;
      EXPECT_GT(largest, bound / 2) << layer << part;
    }
  }
}

TEST(SequenceClassificationHead, WidthOfTheProjectorIsAnOption) {
  HeadOptions options;
  options.classifier_proj_size = 3;
  EXPECT_EQ(Classifier(options)["projector.weight"].size(0), 3);
}

TEST(SequenceClassificationHead, ReadsTheLastLayerOnly) {
  const Classifier built;
  HiddenStates states = random_states(small(), 2, 4);
  const Tensor logits = built.head->forward(states, false).logits;
  const Tensor projected = at::linear(states.layers.back(), built["projector.weight"], built["projector.bias"]);
  const Tensor expected = at::linear(projected.mean(1), built["classifier.weight"], built["classifier.bias"]);
  EXPECT_TRUE(torch::allclose(logits, expected, 1e-5, 1e-6));
  EXPECT_FALSE(built.head->needs_all_layers());
}

TEST(SequenceClassificationHead, PaddedBatchEqualsSingleClips) {
  const Classifier built(weighted());
  HiddenStates batch = random_states(small(), 2, 6);
  batch.frame_mask = torch::tensor({{1, 1, 1, 1, 1, 1}, {1, 1, 0, 0, 0, 0}}, torch::kBool);
  HiddenStates second;
  for (const Tensor& layer : batch.layers) second.layers.push_back(layer.narrow(0, 1, 1).narrow(1, 0, 2));
  const Tensor logits = built.head->forward(batch, false).logits;
  EXPECT_TRUE(torch::allclose(logits[1], built.head->forward(second, false).logits[0], 1e-5, 1e-6));
}

TEST(SequenceClassificationHead, WeighsTheLayersBySoftmax) {
  const Classifier built(weighted());
  EXPECT_TRUE(built.head->needs_all_layers());
  const HiddenStates states = random_states(small(), 2, 4);
  built["layer_weights"].copy_(torch::tensor({0.0F, 1.0F, -1.0F, 2.0F}));
  HiddenStates sum;
  sum.layers = {(torch::stack(states.layers) * torch::softmax(built["layer_weights"], -1).view({-1, 1, 1, 1})).sum(0)};
  const Classifier plain;  // the same seed and names: the same projector and classifier
  EXPECT_TRUE(
      torch::allclose(built.head->forward(states, false).logits, plain.head->forward(sum, false).logits, 1e-5, 1e-6));
}

TEST(SequenceClassificationHead, StartsWithTheMeanOfAllLayers) {
  const Tensor weights = Classifier(weighted())["layer_weights"];
  EXPECT_TRUE(torch::allclose(weights, torch::full({kLayers + 1}, 1.0 / (kLayers + 1))));
}

TEST(SequenceClassificationHead, ComputesInFp32) {
  const Classifier built;
  HiddenStates states = random_states(small(), 2, 4);
  states.layers.back() = states.layers.back().to(torch::kBFloat16);
  const Tensor logits = built.head->forward(states, false).logits;
  EXPECT_EQ(logits.scalar_type(), torch::kFloat);
  states.layers.back() = states.layers.back().to(torch::kFloat);
  EXPECT_TRUE(torch::equal(logits, built.head->forward(states, false).logits));
}

}  // namespace
}  // namespace sure::test
