// Values are compared with transformers' SpeechT5 in tests/parity.
#include "nn/decoder_layer.h"

#include <gtest/gtest.h>

#include "tests/support/close.h"

namespace sure {
namespace {

constexpr int64_t kSize = 16, kHeads = 4;

EncoderLayerOptions small_options() {
  EncoderLayerOptions options;
  options.hidden_size = kSize;
  options.heads = kHeads;
  options.intermediate_size = 24;
  return options;
}

struct Decoder {
  std::unique_ptr<ParameterSource> source = seeded_source(1);
  ParameterList built;
  SiteList sites;
  DecoderLayer layer{Scope(*source, built, "", &sites), small_options()};
};

TEST(DecoderLayer, NoStepSeesALaterOne) {
  torch::manual_seed(2);
  Decoder decoder;
  Tensor x = torch::randn({2, 6, kSize});
  DecoderLayer::Context context;
  context.states = torch::randn({2, 5, kSize});
  const Tensor before = decoder.layer.forward(x, context, ForwardContext{});
  x.select(1, 4).add_(1);
  const Tensor changed = (decoder.layer.forward(x, context, ForwardContext{}) - before).abs().amax({0, 2});
  EXPECT_EQ(changed.slice(0, 0, 4).max().item<float>(), 0);
  EXPECT_GT(changed.slice(0, 4).min().item<float>(), 0);
}

TEST(DecoderLayer, StepByStepIsTheWhole) {
  torch::manual_seed(3);
  Decoder decoder;
  const Tensor x = torch::randn({2, 6, kSize});
  DecoderLayer::Context context;
  context.states = torch::randn({2, 5, kSize});
  context.mask = torch::tensor({{1, 1, 1, 1, 1}, {1, 1, 1, 0, 0}}).to(torch::kBool);
  const Tensor whole = decoder.layer.forward(x, context, ForwardContext{});
  DecoderCache cache;
  context.cache = &cache;
  std::vector<Tensor> steps;
  for (const Tensor& step : x.split(1, 1)) steps.push_back(decoder.layer.forward(step, context, ForwardContext{}));
  EXPECT_LT(test::relative_error(torch::cat(steps, 1), whole), 1e-5);
}

TEST(DecoderLayer, PaddingIsNotAttendedTo) {
  torch::manual_seed(4);
  Decoder decoder;
  const Tensor x = torch::randn({1, 3, kSize}), states = torch::randn({1, 5, kSize});
  DecoderLayer::Context context;
  context.states = states;
  context.mask = torch::tensor({{1, 1, 1, 0, 0}}).to(torch::kBool);
  Tensor weights;
  context.weights = &weights;
  const Tensor masked = decoder.layer.forward(x, context, ForwardContext{});
  DecoderLayer::Context shorter;
  shorter.states = states.slice(1, 0, 3);
  EXPECT_LT(test::relative_error(masked, decoder.layer.forward(x, shorter, ForwardContext{})), 1e-5);
  ASSERT_EQ(weights.sizes(), torch::IntArrayRef({1, kHeads, 3, 5}));
  EXPECT_EQ(weights.slice(3, 3).max().item<float>(), 0);
  EXPECT_TRUE(torch::allclose(weights.sum(3), torch::ones({1, kHeads, 3})));
}

TEST(DecoderLayer, RegistersItsSites) {
  Decoder decoder;
  EXPECT_EQ(sites_of(decoder.sites, SiteKind::kProjection).size(), 10U);
  EXPECT_EQ(sites_of(decoder.sites, SiteKind::kPrefix).size(), 1U);
  EXPECT_EQ(decoder.sites.size(), 13U);
}

class Doubles : public ResidualAdapter {
 public:
  Tensor forward(const Tensor& x, const ForwardContext& /*context*/) const override { return 2 * x; }
};

class SomeKeys : public AttentionPrefix {
 public:
  std::pair<Tensor, Tensor> forward(int64_t batch, const ForwardContext& /*context*/) const override {
    return {torch::ones({batch, 2, kSize}), torch::ones({batch, 2, kSize})};
  }
};

TEST(DecoderLayer, AdaptersAreHeardInTheirRows) {
  torch::manual_seed(5);
  Decoder decoder;
  const Tensor x = torch::randn({2, 3, kSize});
  DecoderLayer::Context context;
  context.states = torch::randn({2, 5, kSize});
  const Tensor before = decoder.layer.forward(x, context, ForwardContext{});
  for (const Site& site : decoder.sites) {
    if (site.kind == SiteKind::kProjection) continue;
    const auto set = std::make_shared<AdapterSet>();
    if (site.kind == SiteKind::kPrefix)
      set->put(site, std::make_shared<SomeKeys>());
    else
      set->put(site, std::make_shared<Doubles>());
    ForwardContext pass;
    pass.adapters = std::make_shared<BatchAdapters>(
        std::vector<std::shared_ptr<const AdapterSet>>{std::make_shared<AdapterSet>(), set}, at::kCPU);
    const Tensor after = decoder.layer.forward(x, context, pass);
    EXPECT_LT(test::relative_error(after[0], before[0]), 1e-5) << site.name;
    EXPECT_GT(test::relative_error(after[1], before[1]), 1e-3) << site.name;
  }
}

TEST(RelativeKeys, FarDistancesShareTheLast) {
  const auto source = seeded_source(6);
  ParameterList built;
  const RelativeKeys keys(Scope(*source, built), 3, 4);
  const Tensor rows = keys.rows(6), weight = built.front().value;
  ASSERT_EQ(rows.size(0), 11);
  EXPECT_TRUE(torch::equal(rows[5], weight[3]));   // no distance
  EXPECT_TRUE(torch::equal(rows[6], weight[4]));   // one step before the query
  EXPECT_TRUE(torch::equal(rows[10], weight[5]));  // five: as two
  EXPECT_TRUE(torch::equal(rows[0], weight[0]));
}

TEST(RelativeEncoderLayer, OrderMattersByItsPositionsAlone) {
  torch::manual_seed(7);
  const auto source = seeded_source(8);
  ParameterList built;
  const RelativeEncoderLayer layer(Scope(*source, built), small_options());
  const RelativeKeys keys(Scope(*source, built, "p"), 4, kSize / kHeads);
  const Tensor x = torch::randn({1, 7, kSize});
  const Tensor turned = layer.forward(x.flip(1), keys, ForwardContext{}).flip(1);
  EXPECT_GT(test::relative_error(turned, layer.forward(x, keys, ForwardContext{})), 1e-3);
  built.back().value.zero_();
  const Tensor without = layer.forward(x, keys, ForwardContext{});
  EXPECT_LT(test::relative_error(layer.forward(x.flip(1), keys, ForwardContext{}).flip(1), without), 1e-5);
}

}  // namespace
}  // namespace sure
