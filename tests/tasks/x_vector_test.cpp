#include "tasks/heads.h"

#include <ATen/ops/allclose.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cosine_similarity.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/stack.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/built_head.h"
#include "tests/support/errors.h"

namespace sure::test {
namespace {

using testing::HasSubstr;

constexpr int64_t kWidth = 12, kLayers = 2, kSpeakers = 5, kEmbedding = 7;
constexpr int64_t kContext = 6;  // frames that the layers below swallow: 2 · 1 + 2 · 2

BackboneConfig small() {
  BackboneConfig config;
  config.hidden_size = kWidth;
  config.num_hidden_layers = kLayers;
  config.tdnn_dim = {8, 6, 10};
  config.tdnn_kernel = {3, 3, 1};
  config.tdnn_dilation = {1, 2, 1};
  config.xvector_output_dim = kEmbedding;
  return config;
}

struct XVector : BuiltHead {
  explicit XVector(const HeadOptions& options = {}) : BuiltHead(make_x_vector_head, small(), kSpeakers, options) {}
  HeadOutput operator()(const HiddenStates& states) const { return head->forward(states, /*training=*/true); }
};

/// Two clips of 20 and `frames` frames.
HiddenStates padded_states(int64_t frames) {
  HiddenStates states = random_states(small(), 2, 20);
  states.frame_mask = at::ones({2, 20}, at::kBool);
  states.frame_mask[1].narrow(0, frames, 20 - frames).fill_(false);
  return states;
}

TEST(XVectorHead, HasTheTensorsOfTransformers) {
  const XVector built(weighted());
  EXPECT_EQ(built.parameters.size(), 14U);
  EXPECT_EQ(built["projector.weight"].sizes(), at::IntArrayRef({8, kWidth}));
  EXPECT_EQ(built["tdnn.0.kernel.weight"].sizes(), at::IntArrayRef({8, 3 * 8}));
  EXPECT_EQ(built["tdnn.1.kernel.weight"].sizes(), at::IntArrayRef({6, 3 * 8}));
  EXPECT_EQ(built["tdnn.2.kernel.weight"].sizes(), at::IntArrayRef({10, 6}));
  EXPECT_EQ(built["tdnn.2.kernel.bias"].sizes(), at::IntArrayRef({10}));
  EXPECT_EQ(built["feature_extractor.weight"].sizes(), at::IntArrayRef({kEmbedding, 2 * 10}));
  EXPECT_EQ(built["classifier.weight"].sizes(), at::IntArrayRef({kEmbedding, kEmbedding}));
  EXPECT_EQ(built["objective.weight"].sizes(), at::IntArrayRef({kEmbedding, kSpeakers}));
  EXPECT_EQ(built["layer_weights"].sizes(), at::IntArrayRef({kLayers + 1}));
}

/// The layers' definition: a linear layer on the frames that it sees, one after another.
Tensor unfolded(const Tensor& x, const Tensor& weight, const Tensor& bias, int64_t kernel, int64_t dilation) {
  const int64_t frames = x.size(1) - (kernel - 1) * dilation;
  std::vector<Tensor> seen;
  for (int64_t k = 0; k < kernel; ++k) seen.push_back(x.narrow(1, k * dilation, frames));
  return at::relu(at::linear(at::cat(seen, 2), weight, bias));
}

TEST(XVectorHead, ComputesWhatItsPartsSay) {
  const XVector built;
  const HiddenStates states = random_states(small(), 2, 11);
  const auto layer = [&](const Tensor& x, int64_t i, int64_t kernel, int64_t dilation) {
    const std::string name = fmt::format("tdnn.{}.kernel.", i);
    return unfolded(x, built[name + "weight"], built[name + "bias"], kernel, dilation);
  };
  Tensor x = at::linear(states.layers.back(), built["projector.weight"], built["projector.bias"]);
  x = layer(layer(layer(x, 0, 3, 1), 1, 3, 2), 2, 1, 1);
  ASSERT_EQ(x.size(1), 11 - kContext);
  x = at::cat({x.mean(1), x.std(1)}, 1);
  const Tensor embedding = at::linear(x, built["feature_extractor.weight"], built["feature_extractor.bias"]);
  const Tensor voice = at::linear(embedding, built["classifier.weight"], built["classifier.bias"]);
  const Tensor cosines = at::cosine_similarity(voice.unsqueeze(2), built["objective.weight"].unsqueeze(0), /*dim=*/1);
  const HeadOutput output = built(states);
  EXPECT_TRUE(at::allclose(output.embedding, embedding, 1e-5, 1e-6));
  EXPECT_TRUE(at::allclose(output.logits, cosines, 1e-5, 1e-6));
}

TEST(XVectorHead, AFreshHeadTellsClipsApart) {
  BackboneConfig config;  // the five layers of transformers, narrower
  config.hidden_size = 64;
  config.num_hidden_layers = 1;
  config.tdnn_dim = {64, 64, 64, 64, 128};
  config.xvector_output_dim = 64;
  const BuiltHead built(make_x_vector_head, config, kSpeakers);
  HiddenStates states;
  states.layers = {random_states(config, 2, 1).layers[0].expand({2, 30, 64})};
  const Tensor clips = built.head->forward(states, /*training=*/false).embedding;
  EXPECT_LT(at::cosine_similarity(clips[0], clips[1], /*dim=*/0).item<double>(), 0.97);
}

TEST(XVectorHead, PaddedBatchEqualsSingleClips) {
  const XVector built(weighted());
  const HiddenStates batch = padded_states(9);
  HiddenStates second;
  for (const Tensor& layer : batch.layers) second.layers.push_back(layer.narrow(0, 1, 1).narrow(1, 0, 9));
  const HeadOutput output = built(batch);
  const HeadOutput single = built(second);
  EXPECT_TRUE(at::allclose(output.embedding[1], single.embedding[0], 1e-5, 1e-6));
  EXPECT_TRUE(at::allclose(output.logits[1], single.logits[0], 1e-5, 1e-6));
}

TEST(XVectorHead, GradientsAreFiniteWhereAFeatureNeverFires) {
  const XVector built;
  built["tdnn.2.kernel.bias"].fill_(-1e3);  // every feature is 0 in every frame: deviation 0
  for (const NamedTensor& parameter : built.parameters) Tensor(parameter.value).set_requires_grad(true);
  built(padded_states(9)).logits.sum().backward();
  EXPECT_TRUE(built["projector.weight"].grad().isfinite().all().item<bool>());
}

TEST(XVectorHead, AClipShorterThanItsContextGoesOnWithItsLastFrame) {
  const XVector built;
  const HiddenStates batch = padded_states(3);
  HiddenStates alone, extended;
  for (const Tensor& layer : batch.layers) {
    const Tensor clip = layer.narrow(0, 1, 1).narrow(1, 0, 3);
    alone.layers.push_back(clip);
    extended.layers.push_back(at::cat({clip, clip.narrow(1, 2, 1).expand({1, kContext - 1, kWidth})}, 1));
  }
  const Tensor expected = built(extended).embedding[0];
  EXPECT_TRUE(at::allclose(built(alone).embedding[0], expected, 1e-5, 1e-6));
  EXPECT_TRUE(at::allclose(built(batch).embedding[1], expected, 1e-5, 1e-6));
}

TEST(XVectorHead, WeighsTheLayersBySoftmax) {
  const XVector built(weighted());
  EXPECT_TRUE(built.head->needs_all_layers());
  EXPECT_FALSE(XVector().head->needs_all_layers());
  const HiddenStates states = random_states(small(), 2, 9);
  HiddenStates mean;
  mean.layers = {at::stack(states.layers).mean(0)};
  EXPECT_TRUE(at::allclose(built(states).embedding, XVector()(mean).embedding, 1e-5, 1e-6));
}

TEST(XVectorHead, RefusesAnotherWidthOfItsProjector) {
  HeadOptions options;
  options.classifier_proj_size = 20;
  EXPECT_THAT(message_of([&] { XVector built(options); }), HasSubstr("tdnn_dim: 8"));
}

}  // namespace
}  // namespace sure::test
