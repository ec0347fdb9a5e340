#include "pretrain/frame_features.h"

#include <gmock/gmock.h>

#include "audio/mfcc.h"
#include "backbone/frame_samples.h"
#include "pretrain/save_model.h"
#include "tests/pretrain/tiny_corpus.h"
#include "tests/support/close.h"
#include "tests/support/errors.h"

namespace sure {
namespace {

using test::message_of;
using testing::HasSubstr;

const BackboneConfig& student() {
  static const BackboneConfig config = hubert_config(test::tiny_hubert());
  return config;
}

/// A teacher with layer norms, whose frames do not depend on the rest of a clip by the front-end's group norm.
std::string write_teacher(const std::filesystem::path& folder) {
  ShapeOptions shape = test::tiny_hubert();
  shape.feat_extract_norm = "layer";
  shape.num_conv_pos_embeddings = 1;
  save_model(folder, *build_backbone(hubert_config(shape), *seeded_source(3)), at::kFloat);
  return folder.string();
}

TEST(FrameFeatures, OfTheFirstRoundAreEverySecondMfcc) {
  const Tensor clip = test::synthetic_speech(8123);
  const Tensor found = frame_features({}, student(), 100, false).compute(clip);
  ASSERT_EQ(found.size(0), student().frames(clip.size(0)));
  const Tensor all = mfcc(clip);
  for (int64_t t = 0; t < found.size(0); ++t) EXPECT_TRUE(torch::equal(found[t], all[2 * t])) << t;
}

TEST(FrameFeatures, OfATeacherAreItsHiddenStates) {
  const test::TemporaryFolder folder;
  const TeacherOptions options{write_teacher(folder / "teacher"), 1};
  const Tensor clip = test::synthetic_speech(9000);
  const Tensor found = frame_features(options, student(), 1000, false).compute(clip);
  BackboneInput input;
  input.audio = normalise(clip).unsqueeze(0);
  input.all_layers = true;
  const torch::NoGradGuard no_gradients;
  const Tensor expected = load_backbone(options.teacher).backbone->forward(input, {}).layers.at(1)[0];
  EXPECT_LT(test::relative_error(found, expected), 1e-6);
}

TEST(FrameFeatures, OfLongClipsComeInPieces) {
  const test::TemporaryFolder folder;
  const TeacherOptions options{write_teacher(folder / "teacher"), 1};
  const Tensor clip = test::synthetic_speech(9000);
  const Tensor pieces = frame_features(options, student(), 10, false).compute(clip);
  ASSERT_EQ(pieces.size(0), student().frames(9000));
  const Tensor piece = frame_features(options, student(), 1000, false).compute(clip.narrow(0, 0, 10 * 320 + 80));
  EXPECT_EQ(piece.size(0), 10);
}

TEST(FrameFeatures, RefuseTeachersThatDoNotFit) {
  const test::TemporaryFolder folder;
  const std::string teacher = write_teacher(folder / "teacher");
  EXPECT_THAT(message_of([&] { frame_features({teacher, 3}, student(), 100, false); }), HasSubstr("layers 1 to 2"));
  ShapeOptions other = test::tiny_hubert();
  other.conv_stride = {10, 2, 2, 2, 2, 1};
  EXPECT_THAT(message_of([&] { frame_features({teacher, 1}, hubert_config(other), 100, false); }),
              HasSubstr("--conv_stride"));
  other.conv_stride = {10, 2, 2, 2, 1, 1};
  EXPECT_THAT(message_of([&] { frame_features({}, hubert_config(other), 100, false); }), HasSubstr("10 ms"));
}

TEST(FrameFeatures, HopAndSamplesAreThoseOfTheFrontEnd) {
  EXPECT_EQ(frame_hop(student()), 320);
  EXPECT_EQ(samples_of_frames(student(), 1), 400);
  for (const int64_t frames : {1, 2, 57}) {
    EXPECT_EQ(student().frames(samples_of_frames(student(), frames)), frames);
    EXPECT_EQ(student().frames(samples_of_frames(student(), frames) - 1), frames - 1);
  }
}

}  // namespace
}  // namespace sure
