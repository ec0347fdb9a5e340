#include "pretrain/clip_batch.h"

#include <gmock/gmock.h>

#include <optional>

#include "core/atomic_file.h"
#include "tests/pretrain/tiny_corpus.h"
#include "tests/support/errors.h"

namespace sure {
namespace {

class ClipBatchesTest : public testing::Test {
 protected:
  ClipBatchesTest() {
    test::write_clips(folder / "audio");
    corpus = test::tiny_corpus(folder / "audio");
    TrainObserver quiet;
    const FrameFeatures features = frame_features({}, config, 100, false);
    compute_targets(folder / "targets.safetensors", corpus, features, {20, 1000}, /*seed=*/1, quiet);
  }

  Batch load(int64_t max_frames, bool augment = false, uint64_t seed = 5) const {
    const Targets targets(folder / "targets.safetensors");
    const FrameLabels* given = labels ? &*labels : nullptr;
    return ClipBatches(corpus, targets, given, config, augmentation, max_frames).load({0, 4, 7}, augment, seed);
  }

  static BackboneConfig plain_config() {
    ShapeOptions shape = test::tiny_hubert();
    shape.do_normalize = false;
    return hubert_config(shape);
  }

  test::TemporaryFolder folder;
  const BackboneConfig config = plain_config();
  AugmentOptions augmentation;
  Corpus corpus;
  std::optional<FrameLabels> labels;
};

TEST_F(ClipBatchesTest, PutsEachClipBesideItsTargets) {
  const Batch batch = load(1000);
  const Targets targets(folder / "targets.safetensors");
  int64_t row = 0;
  for (const size_t clip : {0, 4, 7}) {
    const int64_t frames = config.frames(batch.lengths[row].item<int64_t>());
    EXPECT_TRUE(torch::equal(batch.targets[row].narrow(0, 0, frames), targets.of(clip).to(torch::kLong)));
    EXPECT_TRUE(batch.targets[row].slice(0, frames).eq(kNoTarget).all().item<bool>());
    ++row;
  }
}

TEST_F(ClipBatchesTest, DrawsPiecesWithTheirOwnFramesTargets) {
  const Batch batch = load(10);
  const Targets targets(folder / "targets.safetensors");
  EXPECT_EQ(batch.targets.size(1), 10);
  int64_t row = 0;
  for (const size_t clip : {0, 4, 7}) {
    const Tensor whole = read_audio(corpus.clips.at(clip).path);
    const Tensor piece = batch.audio[row].narrow(0, 0, batch.lengths[row].item<int64_t>());
    EXPECT_EQ(config.frames(piece.size(0)), 10);
    int64_t places = 0;
    for (int64_t start = 0; start + 10 <= targets.of(clip).size(0); ++start) {
      if (!torch::equal(whole.narrow(0, start * 320, piece.size(0)), piece)) continue;
      ++places;
      EXPECT_TRUE(torch::equal(batch.targets[row], targets.of(clip).narrow(0, start, 10).to(torch::kLong)));
    }
    EXPECT_EQ(places, 1);
    ++row;
  }
}

TEST_F(ClipBatchesTest, PutsLabelsBesideTheirFrames) {
  EXPECT_FALSE(load(1000).frame_labels.defined());
  write_file(folder / "labels.tsv", "path\tphones\n" + corpus.clips.at(4).path.string() + "\tB:0.3 A:0.4\n");
  labels.emplace(LabelOptions{(folder / "labels.tsv").string(), "phones"}, corpus);
  const Batch batch = load(1000);
  const Tensor all = labels->of(4, config.frames(batch.lengths[1].item<int64_t>()), config).to(torch::kLong);
  EXPECT_EQ(all.eq(1).sum().item<int64_t>(), 15);  // of 20 ms
  EXPECT_EQ(all.eq(0).sum().item<int64_t>(), 5);
  EXPECT_TRUE(torch::equal(batch.frame_labels[1].narrow(0, 0, all.size(0)), all));
  EXPECT_TRUE(batch.frame_labels[0].eq(kNoTarget).all().item<bool>());
}

TEST_F(ClipBatchesTest, DrawsPiecesWithTheirOwnFramesLabels) {
  std::string phones;  // each frame its own
  for (int64_t t = 0; t < 100; ++t) phones += fmt::format("P{:03}:{:.5f} ", t, (t * 320 + 200 + 160) / 16000.0);
  write_file(folder / "labels.tsv", "path\tphones\n" + corpus.clips.at(7).path.string() + "\t" + phones + "\n");
  labels.emplace(LabelOptions{(folder / "labels.tsv").string(), "phones"}, corpus);
  const Batch batch = load(10);
  const Tensor of_piece = batch.frame_labels[2], targets = Targets(folder / "targets.safetensors").of(7);
  const auto start = of_piece[0].item<int64_t>();
  EXPECT_TRUE(torch::equal(of_piece, torch::arange(start, start + 10)));
  EXPECT_TRUE(torch::equal(batch.targets[2], targets.narrow(0, start, 10).to(torch::kLong)));
}

TEST_F(ClipBatchesTest, DependsOnTheSeed) {
  EXPECT_TRUE(torch::equal(load(10).audio, load(10).audio));
  EXPECT_FALSE(torch::equal(load(10).audio, load(10, false, 6).audio));
}

TEST_F(ClipBatchesTest, AugmentsTheAudioAlone) {
  augmentation.noise_prob = 1;
  const Batch clean = load(1000), noisy = load(1000, /*augment=*/true);
  EXPECT_FALSE(torch::equal(clean.audio, noisy.audio));
  EXPECT_TRUE(torch::equal(clean.targets, noisy.targets));
  EXPECT_TRUE(torch::equal(clean.audio, load(1000, /*augment=*/false).audio));
}

TEST_F(ClipBatchesTest, TellsOfAFileThatHasChanged) {
  test::write_wav(corpus.clips.at(4).path, test::synthetic_speech(20000));
  EXPECT_THAT(test::message_of([&] { load(1000); }), testing::HasSubstr("the file has changed"));
}

}  // namespace
}  // namespace sure
