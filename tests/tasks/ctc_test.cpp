// The CTC head and the loss and decoding that ASR, slot filling and phoneme recognition share.
#include <gmock/gmock.h>

#include <cmath>

#include "data/batch.h"
#include "tasks/heads.h"
#include "tasks/rows.h"
#include "tests/support/built_head.h"
#include "tests/support/errors.h"

namespace sure {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const Labels kTokens = {"<pad>", "<unk>", "|", "a", "b"};

/// Logits whose likeliest path is `path`, [1, T, 5].
HeadOutput output_of(const std::vector<int64_t>& path) {
  HeadOutput output;
  output.logits = (torch::one_hot(torch::tensor(path, torch::kLong), 5).to(torch::kFloat) * 8).unsqueeze(0);
  output.lengths = at::tensor({static_cast<int64_t>(path.size())}, at::kLong);
  output.seconds_per_frame = 0.02;
  return output;
}

TEST(CtcHead, HasTheTensorsOfTransformersAndCountsValidFrames) {
  BackboneConfig config;
  config.hidden_size = 6;
  const test::BuiltHead built(make_ctc_head, config, 5);
  ASSERT_EQ(built.parameters.size(), 2U);
  EXPECT_EQ(built["lm_head.weight"].sizes(), at::IntArrayRef({5, 6}));

  HiddenStates states;
  states.layers = {torch::randn({2, 4, 6})};
  states.frame_mask = torch::tensor({{1, 1, 1, 1}, {1, 1, 0, 0}}, torch::kBool);
  const HeadOutput output = built.head->forward(states, false);
  EXPECT_EQ(output.logits.sizes(), at::IntArrayRef({2, 4, 5}));
  EXPECT_TRUE(output.lengths.equal(at::tensor({4, 2}, at::kLong)));
  EXPECT_DOUBLE_EQ(output.seconds_per_frame, 0.02);
  EXPECT_TRUE(built.head->forward(states, false).logits.equal(output.logits));
  EXPECT_FALSE(built.head->forward(states, true).logits.equal(output.logits)) << "final_dropout acts in training";
}

TEST(Ctc, LossIsTheMeanOfEachClipsPerToken) {
  const auto objective = make_transcript_objective(kTokens);
  HeadOutput output;
  output.logits = torch::randn({2, 7, 5}, torch::kFloat);
  output.lengths = at::tensor({7, 4}, at::kLong);
  const Tensor targets =
      at::tensor({int64_t{3}, int64_t{4}, int64_t{3}, int64_t{4}, kNoTarget, kNoTarget}, at::kLong).view({2, 3});
  const Tensor log_probs = output.logits.log_softmax(-1);
  const auto alone = [&](int64_t clip, int64_t frames, const Tensor& target) {
    return at::ctc_loss(log_probs[clip].narrow(0, 0, frames).unsqueeze(1), target.unsqueeze(0), at::IntArrayRef{frames},
                        at::IntArrayRef{target.numel()}, 0, at::Reduction::Sum);
  };
  const Tensor expected =
      (alone(0, 7, at::tensor({3, 4, 3}, at::kLong)) / 3 + alone(1, 4, at::tensor({4}, at::kLong))) / 2;
  const LossValue loss = objective->loss(output, targets);
  EXPECT_TRUE(torch::allclose(loss.mean, expected, 1e-5, 1e-6));
  EXPECT_EQ(loss.skipped, 0);
}

TEST(Ctc, ATranscriptTooLongForItsClipIsCountedNotInfinite) {
  const auto objective = make_transcript_objective(kTokens);
  HeadOutput output;
  output.logits = torch::randn({2, 3, 5}).requires_grad_();
  output.lengths = at::tensor({3, 3}, at::kLong);
  // "aab" needs a blank between its two a's: four frames.
  const LossValue loss = objective->loss(
      output,
      at::tensor({int64_t{3}, int64_t{3}, int64_t{4}, int64_t{3}, int64_t{4}, kNoTarget}, at::kLong).view({2, 3}));
  EXPECT_EQ(loss.skipped, 1);
  EXPECT_TRUE(std::isfinite(loss.mean.item<double>()));
  loss.mean.backward();
  EXPECT_TRUE(output.logits.grad().isfinite().all().item<bool>());
  EXPECT_EQ(output.logits.grad()[0].abs().sum().item<double>(), 0);
  EXPECT_GT(output.logits.grad()[1].abs().sum().item<double>(), 0);
}

TEST(Ctc, ReadsWordsWithTheirTimes) {
  const auto objective = make_transcript_objective(kTokens);
  const std::vector<Prediction> predictions = objective->make_postprocessor({})(output_of({0, 3, 3, 4, 2, 0, 4, 0}));
  ASSERT_EQ(predictions.size(), 1U);
  EXPECT_EQ(predictions[0].text, "ab b");
  EXPECT_THAT(predictions[0].labels, ElementsAre(3, 4, 2, 4));
  ASSERT_EQ(predictions[0].words.size(), 2U);
  EXPECT_EQ(predictions[0].words[1].text, "b");
  EXPECT_NEAR(predictions[0].words[0].start, 0.02, 1e-9);
  EXPECT_NEAR(predictions[0].words[1].start, 0.12, 1e-9);
  EXPECT_NEAR(predictions[0].words[1].end, 0.14, 1e-9);
}

TEST(Ctc, PaddingIsNotRead) {
  HeadOutput output = output_of({3, 0, 4, 4});
  output.lengths = at::tensor({2}, at::kLong);
  EXPECT_EQ(make_transcript_objective(kTokens)->make_postprocessor({})(output).at(0).text, "a");
}

TEST(Ctc, EncodesBySpellingAndRefusesWhatItCannotSpellAtAll) {
  const auto objective = make_transcript_objective(kTokens);
  EXPECT_THAT(objective->encode("ab b"), ElementsAre(3, 4, 2, 4));
  EXPECT_THAT(objective->encode("axb"), ElementsAre(3, 1, 4));
  const auto without_unknown = make_transcript_objective({"<pad>", "|", "a"});
  EXPECT_THAT(test::message_of([&] { without_unknown->encode("xyz"); }), HasSubstr("'xyz'"));
}

TEST(Ctc, MetricsCompareTextNotTokens) {
  const auto objective = make_transcript_objective(kTokens);
  std::vector<Prediction> predictions(2);
  predictions[0].text = "a b";
  predictions[1].text = "b";
  const std::vector<std::string> targets = {"a b", "x b"};  // x is no token: an error all the same
  const Metrics metrics = objective->metrics(predictions, targets, in_order(2));
  EXPECT_DOUBLE_EQ(metrics.at("wer"), 0.25);
  EXPECT_NEAR(metrics.at("cer"), 2.0 / 6, 1e-12);
  const nlohmann::ordered_json details = objective->details(predictions, targets);
  EXPECT_EQ(details.at("transcripts").at(1).at("reference"), "x b");
  const nlohmann::ordered_json words = {
      {"count", 4}, {"substitutions", 0}, {"deletions", 1}, {"insertions", 0}, {"rate", 0.25}};
  EXPECT_EQ(details.at("errors").at("words"), words);
  EXPECT_EQ(details.at("errors").at("characters").at("deletions"), 2);
}

}  // namespace
}  // namespace sure
