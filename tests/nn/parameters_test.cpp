#include "nn/parameters.h"

#include <gmock/gmock.h>

#include "tests/support/errors.h"

namespace sure {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(SeededSource, DependsOnSeedAndNameNotOnOrder) {
  const auto first = seeded_source(7);
  const Tensor a = first->get("a", {5}, init::normal(1));
  const Tensor b = first->get("b", {5}, init::normal(1));
  const auto second = seeded_source(7);
  EXPECT_TRUE(torch::equal(second->get("b", {5}, init::normal(1)), b));
  EXPECT_TRUE(torch::equal(second->get("a", {5}, init::normal(1)), a));
  EXPECT_FALSE(torch::equal(a, b));
  EXPECT_FALSE(torch::equal(seeded_source(8)->get("a", {5}, init::normal(1)), a));
}

TEST(SeededSource, KaimingBoundsFollowFanIn) {
  const Tensor weight = seeded_source(1)->get("w", {64, 10, 5}, init::kaiming_uniform(0));
  const double bound = std::sqrt(6.0 / 50);
  EXPECT_LE(weight.abs().max().item<double>(), bound);
  EXPECT_GT(weight.abs().max().item<double>(), 0.95 * bound);
}

TEST(MetaSource, HasShapesWithoutStorage) {
  const Tensor huge = meta_source()->get("w", {1 << 20, 1 << 20}, init::zeros());
  EXPECT_TRUE(huge.is_meta());
  EXPECT_EQ(count_parameters({{"w", huge}}), int64_t{1} << 40);
}

TEST(ListSource, NamesWhatIsMissingOrMisshapen) {
  ListSource source({{"w", torch::zeros({2, 3})}, {"ids", torch::zeros({2}, torch::kLong)}}, "model.safetensors");
  EXPECT_THAT(test::message_of([&] { source.get("v", {2}, {}); }),
              HasSubstr("model.safetensors: tensor 'v' is missing"));
  EXPECT_THAT(test::message_of([&] { source.get("w", {3, 2}, {}); }),
              HasSubstr("'w' has shape [2, 3], expected [3, 2]"));
  EXPECT_THAT(test::message_of([&] { source.get("ids", {2}, {}); }), HasSubstr("'ids' holds integers"));
}

TEST(ListSource, TellsWhatNobodyAskedFor) {
  ListSource source({{"a", torch::zeros({1})}, {"b", torch::zeros({1})}, {"c", torch::zeros({1})}}, "x");
  source.get("b", {1}, {});
  EXPECT_THAT(source.unused(), ElementsAre("a", "c"));
}

TEST(Scope, NamesAndCollectsInOrderOfBuilding) {
  const auto source = seeded_source(1);
  ParameterList built;
  const Scope root(*source, built);
  (root / "layers" / 3).parameter("weight", {2}, init::ones());
  root.buffer("mean", {4}, init::zeros());
  ASSERT_EQ(built.size(), 2U);
  EXPECT_EQ(built[0].name, "layers.3.weight");
  EXPECT_EQ(built[1].name, "mean");
  EXPECT_EQ(count_parameters(built), 2) << "buffers are no parameters";
}

}  // namespace
}  // namespace sure
