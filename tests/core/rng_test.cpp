#include "core/rng.h"

#include <gtest/gtest.h>

#include <set>

#include "core/tensor.h"

namespace sure {
namespace {

TEST(MixSeed, IsAFunctionOfSeedPartsAndTheirOrder) {
  EXPECT_EQ(mix_seed(1, {2, 3}), mix_seed(1, {2, 3}));
  EXPECT_NE(mix_seed(1, {2, 3}), mix_seed(1, {3, 2}));
  EXPECT_NE(mix_seed(1, {2}), mix_seed(2, {1}));
  EXPECT_NE(mix_seed(1, {2}), mix_seed(1, {2, 0}));
  EXPECT_EQ(mix_seed(1, "step"), mix_seed(1, "step"));
  EXPECT_NE(mix_seed(1, "step"), mix_seed(1, "epoch"));
}

TEST(MixSeed, NeighboursDoNotCollide) {
  std::set<uint64_t> seen;
  for (uint64_t seed = 0; seed < 30; ++seed) {
    for (uint64_t step = 0; step < 1000; ++step) seen.insert(mix_seed(seed, {step}));
  }
  EXPECT_EQ(seen.size(), 30000U);
}

TEST(MakeGenerator, LeavesTheGlobalOneAlone) {
  at::manual_seed(7);
  const Tensor expected = torch::rand({4});
  at::manual_seed(7);
  const Tensor own = torch::rand({4}, make_generator(3));
  EXPECT_TRUE(torch::equal(torch::rand({4}), expected));
  EXPECT_TRUE(torch::equal(own, torch::rand({4}, make_generator(3))));
  EXPECT_FALSE(torch::equal(own, expected));
}

}  // namespace
TEST(KeptRandomness, PutsTheDefaultGeneratorBack) {
  at::manual_seed(7);
  const Tensor expected = torch::rand({3});
  at::manual_seed(7);
  {
    const KeptRandomness kept(at::kCPU);
    torch::rand({5});
  }
  EXPECT_TRUE(torch::equal(torch::rand({3}), expected));
}

}  // namespace sure
