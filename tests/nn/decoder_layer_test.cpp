// Values are compared with transformers' SpeechT5 in tests/parity.
#include "nn/decoder_layer.h"

#include <gtest/gtest.h>

#include <set>

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
  const Tensor before = decoder.layer.forward(x, context, {});
  x.select(1, 4).add_(1);
  const Tensor changed = (decoder.layer.forward(x, context, {}) - before).abs().amax({0, 2});
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
  const Tensor whole = decoder.layer.forward(x, context, {});
  DecoderCache cache;
  context.cache = &cache;
  std::vector<Tensor> steps;
  for (const Tensor& step : x.split(1, 1)) steps.push_back(decoder.layer.forward(step, context, {}));
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
  const Tensor masked = decoder.layer.forward(x, context, {});
  DecoderLayer::Context shorter;
  shorter.states = states.slice(1, 0, 3);
  EXPECT_LT(test::relative_error(masked, decoder.layer.forward(x, shorter, {})), 1e-5);
  ASSERT_EQ(weights.sizes(), torch::IntArrayRef({1, kHeads, 3, 5}));
  EXPECT_EQ(weights.slice(3, 3).max().item<float>(), 0);
  EXPECT_TRUE(torch::allclose(weights.sum(3), torch::ones({1, kHeads, 3})));
}

TEST(DecoderLayer, ListsItsSites) {
  const Decoder decoder;
  std::set<std::string> names;
  for (const Site& site : sites_of(decoder.sites, SiteKind::kProjection)) names.insert(site.name);
  EXPECT_EQ(names.size(), 10U);
  EXPECT_TRUE(names.contains("encoder_attn.q_proj"));
  EXPECT_TRUE(names.contains("feed_forward.output_dense"));
  EXPECT_EQ(sites_of(decoder.sites, SiteKind::kPrefix).size(), 2U);
  EXPECT_EQ(sites_of(decoder.sites, SiteKind::kAfterAttention).size(), 1U);
}

class Doubles : public ResidualAdapter {
 public:
  Tensor forward(const Tensor& x, const ForwardContext& /*context*/) const override { return 2 * x; }
};

TEST(DecoderLayer, AdaptersAreHeard) {
  torch::manual_seed(5);
  Decoder decoder;
  const Tensor x = torch::randn({1, 3, kSize});
  DecoderLayer::Context context;
  context.states = torch::randn({1, 5, kSize});
  const Tensor before = decoder.layer.forward(x, context, {});
  for (const SiteKind kind : {SiteKind::kAfterAttention, SiteKind::kAfterFeedForward}) {
    AdapterSet adapters;
    adapters.put(sites_of(decoder.sites, kind).front(), std::make_shared<Doubles>());
    const auto all_rows = std::make_shared<BatchAdapters>(std::make_shared<AdapterSet>(adapters));
    EXPECT_GT(test::relative_error(decoder.layer.forward(x, context, {.adapters = all_rows}), before), 1e-3);
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
  const Tensor turned = layer.forward(x.flip(1), keys, {}).flip(1);
  EXPECT_GT(test::relative_error(turned, layer.forward(x, keys, {})), 1e-3);
  built.back().value.zero_();
  const Tensor without = layer.forward(x, keys, {});
  EXPECT_LT(test::relative_error(layer.forward(x.flip(1), keys, {}).flip(1), without), 1e-5);
}

}  // namespace
}  // namespace sure
