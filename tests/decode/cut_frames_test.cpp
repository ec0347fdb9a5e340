#include "decode/cut_frames.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>

#include "core/rng.h"
#include "decode/decoder.h"

namespace sure::test {

namespace {

const std::vector<std::string> kTokens = {"_", "|", "a", "b"};

Tensor log_probs_of(const std::vector<int64_t>& path) {
  return at::one_hot(at::tensor(path), 4).to(at::kFloat).mul(6).log_softmax(-1);
}

Tensor noise(int64_t frames) { return at::randn({frames, 4}, make_generator(7)).mul(2).log_softmax(-1); }

FrameCut cut_of(const std::vector<int64_t>& path) { return find_cut(log_probs_of(path), 0, 1); }

Transcript in_pieces(const Decoder& decoder, const Tensor& log_probs, int64_t piece) {
  StreamDecoder stream(decoder);
  for (int64_t first = 0; first < log_probs.size(0); first += piece) {
    stream.add(log_probs.narrow(0, first, std::min(piece, log_probs.size(0) - first)));
  }
  return stream.finish();
}

}  // namespace

TEST(FindCut, IsBehindTheLastDelimiterElseInSilenceElseBetweenTokens) {
  EXPECT_EQ(cut_of({2, 1, 1, 3, 0, 0, 0, 0, 2}).frame, 3);
  EXPECT_TRUE(cut_of({2, 1, 1, 3, 0, 0, 0, 0, 2}).between_words);
  EXPECT_EQ(cut_of({2, 0, 0, 2, 0, 0, 0, 0, 2}).frame, 6);
  EXPECT_EQ(cut_of({2, 2, 3, 3, 3}).frame, 2);
  EXPECT_EQ(cut_of({2, 2, 2}).frame, 3);
  EXPECT_FALSE(cut_of({2, 2, 2}).between_words);
}

TEST(StreamDecoder, GreedyReadsPiecesAsItReadsTheWhole) {
  const Tensor frames = noise(2 * StreamDecoder::kLongestPiece + 4321);
  const Decoder decoder({}, kTokens, 0, 1);
  const std::vector<TokenSpan> whole = ctc_greedy(frames, 0);
  for (const int64_t piece : {500, 2777, 20000}) {
    const Transcript found = in_pieces(decoder, frames, piece);
    ASSERT_EQ(found.spans.size(), whole.size());
    for (size_t i = 0; i < whole.size(); ++i) {
      EXPECT_EQ(found.spans[i].token, whole[i].token);
      EXPECT_EQ(found.spans[i].first_frame, whole[i].first_frame);
      EXPECT_EQ(found.spans[i].end_frame, whole[i].end_frame);
    }
    EXPECT_NEAR(found.score, frames.amax(-1).sum(at::kDouble).item<double>(), 0.1);
    EXPECT_NEAR(found.words.back().end, static_cast<double>(found.spans.back().end_frame) * kSecondsPerFrame, 0.2);
  }
}

TEST(StreamDecoder, ATokenThatLastsThroughACutIsOne) {
  const Decoder decoder({}, kTokens, 0, 1);
  const Transcript found = in_pieces(decoder, log_probs_of(std::vector<int64_t>(20000, 2)), 3000);
  ASSERT_EQ(found.spans.size(), 1);
  EXPECT_EQ(found.spans[0].end_frame, 20000);
}

TEST(StreamDecoder, BeamKeepsWordsApartAndTheirTimes) {
  std::vector<int64_t> path;
  for (int word = 0; word < 1000; ++word) {
    for (const int64_t token : {2, 2, 0, 3, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0}) path.push_back(token);
  }
  DecodeOptions options;
  options.decoder = "beam";
  options.beam_width = 4;
  const Decoder decoder(options, kTokens, 0, 1);
  const Transcript found = decoder.decode(log_probs_of(path));
  ASSERT_EQ(found.words.size(), 1000);
  for (size_t i = 0; i < found.words.size(); ++i) {
    EXPECT_EQ(found.words[i].text, "ab");
    EXPECT_NEAR(found.words[i].start, static_cast<double>(i) * 0.32, 0.021);
  }
}

}  // namespace sure::test
