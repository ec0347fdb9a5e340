// The parts are compared with numpy's in tests/parity.
#include "audio/pitch_contour.h"

#include <gtest/gtest.h>

#include "tests/support/close.h"

namespace sure {
namespace {

/// A slow rise, a fall over a sentence and an accent, as speech has them.
Tensor speech_like(int64_t frames) {
  const Tensor t = torch::arange(frames, torch::kFloat) / static_cast<double>(frames);
  return 120 * (0.4 * (-t).exp() + 0.1 * (t * 25).sin() - 0.2 * t).exp();
}

TEST(PitchContour, TheSumOfItsPartsIsNearlyTheContour) {
  const Tensor hertz = speech_like(400);
  const PitchContour contour = pitch_contour(hertz);
  const Tensor again = hertz_of_parts(contour.parts, contour.mean, contour.deviation);
  EXPECT_LT(((again - hertz).abs() / hertz).mean().item<double>(), 0.03);
}

TEST(PitchContour, GapsAreBridgedAndEndsHeld) {
  const PitchContour contour = pitch_contour(torch::tensor({0.0, 100.0, 0.0, 0.0, 100.0, 0.0}));
  EXPECT_TRUE(torch::equal(contour.voiced, torch::tensor({0, 1, 0, 0, 1, 0}).to(torch::kBool)));
  EXPECT_NEAR(contour.mean, std::log(100.0), 1e-6);
  EXPECT_LT(contour.deviation, 1e-5);
  EXPECT_EQ(contour.parts.abs().max().item<float>(), 0);
}

TEST(PitchContour, AClipWithoutVoiceIsAllZero) {
  const PitchContour contour = pitch_contour(torch::zeros({7}));
  EXPECT_EQ(contour.parts.sizes(), (std::vector<int64_t>{7, kContourScales}));
  EXPECT_EQ(contour.parts.abs().max().item<float>(), 0);
  EXPECT_FALSE(contour.voiced.any().item<bool>());
}

TEST(PitchContour, OneFrameIsEnough) {
  const PitchContour contour = pitch_contour(torch::full({1}, 150.0));
  EXPECT_NEAR(hertz_of_parts(contour.parts, contour.mean, contour.deviation).item<double>(), 150, 1e-3);
}

}  // namespace
}  // namespace sure
