#include "tasks/voice_trials.h"

#include <ATen/ops/allclose.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tasks/objective.h"

namespace sure::test {
namespace {

std::vector<int64_t> to_vector(const Tensor& values) {
  const Tensor dense = values.contiguous();
  return {dense.const_data_ptr<int64_t>(), dense.const_data_ptr<int64_t>() + dense.numel()};
}

TEST(PairClips, TakesEachPairOnce) {
  const VoiceTrials trials = pair_clips({"a", "b", "a", "c"}, {0, 2, 3});
  EXPECT_THAT(to_vector(trials.first), testing::ElementsAre(0, 0, 2));
  EXPECT_THAT(to_vector(trials.second), testing::ElementsAre(2, 3, 3));
  EXPECT_THAT(to_vector(trials.same), testing::ElementsAre(1, 0, 0));
}

TEST(PairClips, NeverPairsAClipWithItself) {
  const VoiceTrials trials = pair_clips({"a", "b", "a"}, {0, 0, 1, 2});  // as a bootstrap draws
  EXPECT_EQ(trials.first.numel(), 5);
  EXPECT_FALSE((trials.first == trials.second).any().item<bool>());
}

TEST(PairClips, DrawsTheSamePairsFromManyClips) {
  std::vector<std::string> speakers;
  for (int clip = 0; clip < 2500; ++clip) speakers.push_back(std::to_string(clip % 10));
  const VoiceTrials trials = pair_clips(speakers, in_order(speakers.size()));
  EXPECT_EQ(trials.first.numel(), 2'000'000);
  EXPECT_FALSE((trials.first == trials.second).any().item<bool>());
  EXPECT_NEAR(trials.same.to(at::kDouble).mean().item<double>(), 0.1, 0.002);
  EXPECT_NEAR(trials.second.to(at::kDouble).mean().item<double>(), 1249.5, 2);
  const VoiceTrials again = pair_clips(speakers, in_order(speakers.size()));
  EXPECT_TRUE(at::equal(trials.first, again.first) && at::equal(trials.second, again.second));
}

TEST(ScoreTrials, AreCosinesInTheOrderOfTheTrials) {
  const int64_t pairs = 40000;  // more than are scored at once
  Tensor voices = at::randn({50, 8});
  voices /= voices.norm(2, 1, /*keepdim=*/true);
  VoiceTrials trials;
  trials.first = at::randint(50, {pairs}, at::kLong);
  trials.second = at::randint(50, {pairs}, at::kLong);
  const Tensor expected = at::matmul(voices, voices.t()).index({trials.first, trials.second});
  EXPECT_TRUE(at::allclose(score_trials(voices, trials), expected, 1e-5, 1e-6));
}

TEST(MeasureTrials, CountsBothKinds) {
  VoiceTrials trials;
  trials.same = at::tensor({1, 0, 0, 1, 0}, at::kLong);
  const VerificationResult result = measure_trials(at::tensor({0.9, 0.1, 0.3, 0.8, 0.2}), trials);
  EXPECT_EQ(result.same, 2);
  EXPECT_EQ(result.different, 3);
  EXPECT_EQ(result.eer.rate, 0);
  EXPECT_EQ(result.min_dcf, 0);
}

}  // namespace
}  // namespace sure::test
