#include "tasks/rows.h"

#include <ATen/ops/rand.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "data/batch.h"
#include "tests/support/errors.h"

namespace sure::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

const Labels kSpeakers = {"anna", "bert", "carl"};

HeadOutput output_of(const Tensor& cosines) {
  HeadOutput output;
  output.logits = cosines;
  return output;
}

Tensor targets_of(const std::vector<int64_t>& speakers) { return at::tensor(speakers, at::kLong).unsqueeze(1); }

TEST(VoiceLabels, AreTheTrainingSpeakersOnly) {
  Dataset data;
  data.train = {{"1.wav", "carl", ""}, {"2.wav", "anna", ""}, {"3.wav", "carl", ""}};
  data.test = {{"4.wav", "dora", ""}};
  EXPECT_THAT(voice_labels(data, {}), ElementsAre("anna", "carl"));
}

TEST(VerificationObjective, UnknownSpeakersHaveNoTarget) {
  const auto objective = make_verification_objective(kSpeakers);
  EXPECT_THAT(objective->encode("bert"), ElementsAre(1));
  EXPECT_THAT(objective->encode("dora"), ElementsAre(kNoTarget));
}

TEST(VerificationObjective, LossLowersTheOwnSpeakerByTheMargin) {
  const auto objective = make_verification_objective(kSpeakers);
  const Tensor cosines = at::tensor({0.9F, 0.1F, -0.5F, 0.2F, 0.5F, 0.4F}).view({2, 3});
  // -log softmax of 30 · (0.9 - 0.4, 0.1, -0.5) at 0 and of 30 · (0.2, 0.5, 0.4 - 0.4) at 2.
  const double first = std::log(1 + std::exp(3.0 - 15.0) + std::exp(-15.0 - 15.0));
  const double second = std::log(1 + std::exp(6.0) + std::exp(15.0));
  const LossValue loss = objective->loss(output_of(cosines), targets_of({0, 2}));
  EXPECT_NEAR(loss.mean.item<double>(), (first + second) / 2, 1e-5);
  EXPECT_EQ(loss.skipped, 0);
}

TEST(VerificationObjective, LossSkipsUnknownSpeakers) {
  const auto objective = make_verification_objective(kSpeakers);
  const Tensor cosines = at::rand({3, 3});
  const LossValue loss = objective->loss(output_of(cosines), targets_of({kNoTarget, 1, kNoTarget}));
  const LossValue known = objective->loss(output_of(cosines.narrow(0, 1, 1)), targets_of({1}));
  EXPECT_EQ(loss.skipped, 2);
  EXPECT_FLOAT_EQ(loss.mean.item<float>(), known.mean.item<float>() / 3) << "the others count as 0";
}

TEST(VerificationObjective, LossWithoutKnownSpeakersIsZeroAndHasAGraph) {
  const auto objective = make_verification_objective(kSpeakers);
  const Tensor cosines = at::rand({2, 3}).requires_grad_();
  const LossValue loss = objective->loss(output_of(cosines), targets_of({kNoTarget, kNoTarget}));
  EXPECT_EQ(loss.skipped, 2);
  EXPECT_EQ(loss.mean.item<float>(), 0);
  loss.mean.backward();
  EXPECT_EQ(cosines.grad().abs().max().item<float>(), 0);
}

/// Embeddings in the plane, at these angles in degrees.
std::vector<Prediction> at_angles(const std::vector<double>& angles) {
  const Tensor radians = at::tensor(angles, at::kDouble) * (M_PI / 180);
  HeadOutput output;
  output.embedding = (7 * at::stack({radians.cos(), radians.sin()}, 1)).to(at::kFloat);
  return make_verification_objective(kSpeakers)->make_postprocessor({})(output);
}

TEST(VerificationObjective, PredictionIsTheEmbeddingOfLengthOne) {
  const std::vector<Prediction> predictions = at_angles({0, 60});
  ASSERT_EQ(predictions.size(), 2U);
  EXPECT_TRUE(predictions[1].text.empty());
  EXPECT_THAT(predictions[1].embedding,
              ElementsAre(testing::FloatNear(0.5F, 1e-6F), testing::FloatNear(std::sqrt(0.75F), 1e-6F)));
}

TEST(VerificationObjective, MetricsOverAllPairsOfTheChosenClips) {
  const auto objective = make_verification_objective(kSpeakers);
  // Targets: 0-10 and 90-100 (cosine 0.98); non-targets: 80 to 100 degrees apart.
  const auto apart = at_angles({0, 10, 90, 100, 5});
  const std::vector<std::string> targets = {"dora", "dora", "emil", "emil", "emil"};
  EXPECT_THAT(objective->metrics(apart, targets, {0, 1, 2, 3}),
              UnorderedElementsAre(Pair("eer", 0.0), Pair("min_dcf", 0.0)));
  EXPECT_GT(objective->metrics(apart, targets, in_order(5)).at("eer"), 0.2) << "the last clip sounds like dora";
}

TEST(VerificationObjective, DetailsCountTheTrials) {
  const auto details =
      make_verification_objective(kSpeakers)->details(at_angles({0, 10, 90, 100, 95}), {"d", "d", "e", "e", "e"});
  EXPECT_EQ(details.at("target_trials"), 1 + 3);
  EXPECT_EQ(details.at("non_target_trials"), 2 * 3);
  EXPECT_NEAR(details.at("eer_threshold").get<double>(), std::cos(10 * M_PI / 180), 1e-6);
}

TEST(VerificationObjective, RefusesClipsThatMakePairsOfOneKindOnly) {
  const auto objective = make_verification_objective(kSpeakers);
  const auto voices = at_angles({0, 10});
  EXPECT_THAT(message_of([&] { objective->metrics(voices, {"d", "d"}, {0, 1}); }),
              HasSubstr("1 pairs of one speaker and 0 of two"));
  EXPECT_THAT(message_of([&] { objective->metrics(voices, {"d", "e"}, {0, 1}); }),
              HasSubstr("0 pairs of one speaker and 1 of two"));
}

}  // namespace
}  // namespace sure::test
