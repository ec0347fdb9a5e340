// What tests/parity/test_masked_prediction.py does not see: masks, bf16, padding. (It compares loss and gradient.)
#include "pretrain/masked_model.h"

#include <gtest/gtest.h>

#include "backbone/frame_samples.h"
#include "core/rng.h"
#include "tests/pretrain/tiny_corpus.h"
#include "tests/support/close.h"

namespace sure {
namespace {

constexpr int64_t kClusters = 7;
constexpr int64_t kLabels = 3;

MaskedModel model_of(const ShapeOptions& shape, double label_weight = 0) {
  ObjectiveOptions options;  // the paper's
  options.unmasked_weight = 0;
  options.feature_penalty = 10;
  options.label_weight = label_weight;
  const int64_t labels = label_weight > 0 ? kLabels : 0;
  return MaskedModel(hubert_config(shape), options, kClusters, labels, /*seed=*/1, /*start=*/"", at::kCPU);
}

/// Noise of these numbers of frames, with random targets.
Batch noise(const std::vector<int64_t>& frames) {
  const BackboneConfig config = hubert_config(test::tiny_hubert());
  const int64_t longest = *std::max_element(frames.begin(), frames.end());
  Batch batch;
  batch.audio = torch::zeros({std::ssize(frames), samples_of_frames(config, longest)});
  batch.targets = torch::full({std::ssize(frames), longest}, kNoTarget, torch::kLong);
  batch.lengths = torch::empty({std::ssize(frames)}, torch::kLong);
  for (int64_t i = 0; i < std::ssize(frames); ++i) {
    const int64_t count = frames[static_cast<size_t>(i)], samples = samples_of_frames(config, count);
    auto generator = make_generator(mix_seed(9, {static_cast<uint64_t>(count)}));
    batch.audio[i].narrow(0, 0, samples).normal_(0, 1, generator);
    batch.targets[i].narrow(0, 0, count).copy_(torch::randint(kClusters, {count}, generator, torch::kLong));
    batch.lengths[i] = samples;
  }
  return batch;
}

Tensor every_third_frame(const Batch& batch) {
  return torch::arange(batch.targets.size(1)).remainder(3).eq(1).expand(batch.targets.sizes()).contiguous();
}

Tensor gradient_of(const MaskedModel& model, const Batch& batch, at::ScalarType dtype) {
  model.loss(batch, every_third_frame(batch), dtype, /*training=*/true).total.backward();
  std::vector<Tensor> parts;
  for (const NamedTensor& parameter : model.parameters()) parts.push_back(parameter.value.grad().flatten());
  return torch::cat(parts);
}

TEST(MaskedModel, MasksSpansOfRealFrames) {
  const MaskedModel model = model_of(test::tiny_hubert());
  const Batch batch = noise({400, 300, 25, 12});
  torch::manual_seed(3);
  const Tensor mask = model.draw_mask(batch);
  EXPECT_FALSE(mask.logical_and(batch.targets.eq(kNoTarget)).any().item<bool>());
  // 8 % of the frames start a span of 10 at distinct places: 1 - exp(-0.8) of them are covered, by and large.
  EXPECT_NEAR(mask[0].to(torch::kFloat).mean().item<double>(), 0.55, 0.1);
  for (int64_t row = 0; row < 4; ++row) EXPECT_GE(mask[row].sum().item<int64_t>(), 10) << row;
}

TEST(MaskedModel, LearnsFromMaskedFramesOnly) {
  const MaskedModel model = model_of(test::tiny_hubert());
  const Batch batch = noise({60, 40});
  const Tensor mask = every_third_frame(batch);
  Batch others = batch;
  others.targets = torch::where(mask.logical_or(batch.targets.eq(kNoTarget)), batch.targets, 0);
  EXPECT_EQ(model.loss(batch, mask, torch::kFloat, false).total.item<double>(),
            model.loss(others, mask, torch::kFloat, false).total.item<double>());
}

TEST(MaskedModel, LearnsLabelsFromAllFramesThatHaveOne) {
  const Batch plain = noise({60, 40});
  const Tensor mask = every_third_frame(plain);
  Batch labelled = plain;
  labelled.frame_labels = torch::full_like(plain.targets, kNoTarget);
  labelled.frame_labels[1].narrow(0, 0, 20).fill_(2);
  const MaskedModel model = model_of(test::tiny_hubert(), 0.5);
  const MaskedLoss loss = model.loss(labelled, mask, torch::kFloat, true);
  const MaskedLoss without = model_of(test::tiny_hubert()).loss(plain, mask, torch::kFloat, true);
  EXPECT_EQ(loss.labelled, 20);  // masked or not
  EXPECT_EQ(loss.cross_entropy, without.cross_entropy);
  EXPECT_GT(loss.label_cross_entropy, 0);
  EXPECT_NEAR(loss.total.item<double>(), without.total.item<double>() + 0.5 * loss.label_cross_entropy, 1e-5);
  labelled.frame_labels.fill_(kNoTarget);
  EXPECT_EQ(model.loss(labelled, mask, torch::kFloat, true).label_cross_entropy, 0);
}

TEST(MaskedModel, DoesNotSeePaddingBehindLayerNorms) {
  ShapeOptions shape = test::tiny_hubert();
  shape.feat_extract_norm = "layer";
  const MaskedModel model = model_of(shape);
  const auto sum_of = [&](const Batch& batch) {
    const MaskedLoss loss = model.loss(batch, every_third_frame(batch), torch::kFloat, false);
    return loss.cross_entropy * static_cast<double>(loss.masked);
  };
  EXPECT_NEAR(sum_of(noise({60, 40})), sum_of(noise({60})) + sum_of(noise({40})), 1e-3);
}

TEST(MaskedModel, OfNoMaskedFrameHasThePenaltyOnly) {
  const MaskedModel model = model_of(test::tiny_hubert());
  const Batch batch = noise({30});
  const MaskedLoss loss = model.loss(batch, torch::zeros_like(batch.targets, torch::kBool), torch::kFloat, true);
  EXPECT_EQ(loss.cross_entropy, 0);
  EXPECT_NEAR(loss.total.item<double>(), 10 * loss.penalty, 1e-5);
}

/// The rows [first, first + count) as one process of several has them.
Batch rows_of(const Batch& all, int64_t first, int64_t count) {
  Batch part = all;
  for (Tensor* tensor : {&part.audio, &part.lengths, &part.targets, &part.frame_labels}) {
    *tensor = tensor->narrow(0, first, count);
  }
  part.whole = WholeBatch{first, all.lengths, all.frame_labels.ne(kNoTarget).sum().item<int64_t>()};
  return part;
}

TEST(MaskedModel, PartsOfABatchAddUpToTheWhole) {
  Batch all = noise({60, 40, 30});
  all.frame_labels = torch::where(all.targets.gt(3), 1, kNoTarget);
  const MaskedModel model = model_of(test::tiny_hubert(), 0.5), shared = model_of(test::tiny_hubert(), 0.5);
  torch::manual_seed(3);
  const Tensor mask = model.draw_mask(all);
  const MaskedLoss whole = model.loss(all, mask, torch::kFloat, true);
  whole.total.backward();
  MaskedLoss sum;
  for (const auto& [first, count] : {std::pair(0, 2), std::pair(2, 1)}) {
    const Batch part = rows_of(all, first, count);
    torch::manual_seed(3);
    ASSERT_TRUE(shared.draw_mask(part).equal(mask));
    const MaskedLoss loss = shared.loss(part, mask, torch::kFloat, true);
    loss.total.backward();
    sum.cross_entropy += loss.cross_entropy;
    sum.label_cross_entropy += loss.label_cross_entropy;
    sum.penalty += loss.penalty;
    sum.correct += loss.correct;
    EXPECT_EQ(loss.masked, whole.masked);
    EXPECT_EQ(loss.labelled, whole.labelled);
  }
  EXPECT_NEAR(sum.cross_entropy, whole.cross_entropy, 1e-5);
  EXPECT_NEAR(sum.label_cross_entropy, whole.label_cross_entropy, 1e-5);
  EXPECT_NEAR(sum.penalty, whole.penalty, 1e-5);
  EXPECT_EQ(sum.correct, whole.correct);
  for (size_t i = 0; i < model.parameters().size(); ++i) {
    const Tensor expected = model.parameters()[i].value.grad(), found = shared.parameters()[i].value.grad();
    if (!expected.defined()) continue;
    EXPECT_TRUE(found.allclose(expected, 1e-3, 1e-5)) << model.parameters()[i].name;
  }
}

TEST(MaskedModel, InBf16HasNearlyTheGradientOfFp32) {
  ShapeOptions shape = test::tiny_hubert();
  shape.hidden_size = 64;
  shape.conv_dim = std::vector<int64_t>(6, 32);
  const Batch batch = noise({80, 70, 60});
  const MaskedModel exact = model_of(shape), rounded = model_of(shape);
  EXPECT_GT(test::cosine(gradient_of(rounded, batch, torch::kBFloat16), gradient_of(exact, batch, torch::kFloat)),
            0.998);
}

}  // namespace
}  // namespace sure
