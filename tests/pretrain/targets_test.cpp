#include "pretrain/targets.h"

#include <gmock/gmock.h>

#include "core/atomic_file.h"
#include "formats/safetensors.h"
#include "pretrain/frame_labels.h"
#include "tests/pretrain/tiny_corpus.h"
#include "tests/support/errors.h"

namespace sure {
namespace {

using test::message_of;
using testing::HasSubstr;

class TargetsTest : public testing::Test {
 protected:
  TargetsTest() {
    test::write_clips(folder / "audio");
    corpus = test::tiny_corpus(folder / "audio");
    compute_targets(file, corpus, features, options, /*seed=*/1, quiet);
  }

  ClusterQuality judge(const std::string& rows, const std::string& column = "label") {
    write_file(folder / "labels.tsv", rows);
    return judge_targets(FrameLabels({(folder / "labels.tsv").string(), column}, corpus), Targets(file), student);
  }

  test::TemporaryFolder folder;
  TrainObserver quiet;
  const BackboneConfig student = hubert_config(test::tiny_hubert());
  const FrameFeatures features = frame_features({}, student, 100, false);
  const ClusterOptions options{5, 1000};
  const std::filesystem::path file = folder / "targets.safetensors";
  Corpus corpus;
};

TEST_F(TargetsTest, HaveAClusterForEveryFrame) {
  const Targets targets(file);
  EXPECT_EQ(targets.clusters(), 5);
  int64_t frames = 0;
  for (size_t i = 0; i < corpus.clips.size(); ++i) {
    const Tensor codes = targets.of(i);
    ASSERT_EQ(codes.size(0), student.frames(corpus.samples[i]));
    EXPECT_GE(codes.min().item<int64_t>(), 0);
    EXPECT_LT(codes.max().item<int64_t>(), 5);
    if (i < corpus.training) frames += codes.size(0);
  }
  EXPECT_EQ(targets.counts(0, corpus.training).sum().item<int64_t>(), frames);
  EXPECT_EQ(targets.counts(0, corpus.training).gt(0).sum().item<int64_t>(), 5);
}

TEST_F(TargetsTest, AreTheSameWhenComputedAgain) {
  compute_targets(folder / "again.safetensors", corpus, features, options, /*seed=*/1, quiet);
  EXPECT_EQ(read_file(file), read_file(folder / "again.safetensors"));
  EXPECT_EQ(Targets(file).identity(), targets_identity(corpus, features, options, 1));
  EXPECT_NE(Targets(file).identity(), targets_identity(corpus, features, options, 2));
}

TEST_F(TargetsTest, NameTheClipThatCannotBeRead) {
  const auto clip = corpus.clips.at(3).path;
  std::filesystem::remove(clip);
  EXPECT_THAT(message_of([&] { compute_targets(file, corpus, features, options, 1, quiet); }),
              HasSubstr(clip.filename().string()));
}

TEST_F(TargetsTest, AreNoOtherFile) {
  write_safetensors(folder / "other.safetensors", {{"x", torch::zeros({2})}});
  EXPECT_THAT(message_of([&] { Targets(folder / "other.safetensors"); }), HasSubstr("no file of targets"));
}

TEST_F(TargetsTest, AreJudgedByTheLabelsOfClips) {
  const std::string rows =
      "path\tlabel\twho\naudio/clip_2.wav\ta\tann\naudio/clip_3.wav\ta\tbob\nelsewhere.wav\tb\tx\n";
  EXPECT_EQ(judge(rows).label_purity, 1);
  EXPECT_LT(judge(rows, "who").label_purity, 1);
}

TEST_F(TargetsTest, AreJudgedByAlignedPhones) {
  const Tensor codes = Targets(file).of(0).to(torch::kLong);
  std::string phones;
  for (int64_t t = 0; t < codes.size(0); ++t) {
    const double end =
        (static_cast<double>(t) * 320 + 200 + 160) / 16000;  // between this frame's middle and the next's
    phones += fmt::format("P{}:{:.5f} ", codes[t].item<int64_t>(), end);
  }
  const auto path = corpus.clips[0].path.string();
  EXPECT_NEAR(judge("path\tphones\n" + path + "\t" + phones + "\n", "phones").pnmi, 1, 1e-9);
}

TEST_F(TargetsTest, RefuseLabelsThatDoNotFit) {
  EXPECT_THAT(message_of([&] { judge("path\tlabel\nelsewhere.wav\tb\n"); }), HasSubstr("none of its paths"));
  EXPECT_THAT(message_of([&] { judge("file\tlabel\naudio/clip_2.wav\ta\n"); }), HasSubstr("path"));
  EXPECT_THAT(message_of([&] { judge("path\tlabel\naudio/clip_2.wav\ta\n", "who"); }), HasSubstr("who"));
  for (const std::string phones : {"AA", "AA:", ":1", "AA:soon", "AA:-1"}) {
    EXPECT_THAT(message_of([&] { judge("path\tphones\naudio/clip_2.wav\t" + phones + "\n", "phones"); }),
                HasSubstr("labels.tsv:2"))
        << phones;
  }
}

}  // namespace
}  // namespace sure
