#include "decode/decoder.h"

#include <ATen/ops/one_hot.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>

#include <limits>
#include <thread>

#include "core/atomic_file.h"
#include "core/options.h"
#include "tests/decode/bigram_arpa.h"
#include "tests/decode/every_path.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"

namespace sure::test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {

const std::vector<std::string> kTokens = {"_", "|", "a", "b"};

DecodeOptions beam() {
  DecodeOptions options;
  options.decoder = "beam";
  return options;
}

Tensor log_probs_of(const std::vector<int64_t>& path) {
  return at::one_hot(at::tensor(path), 4).to(at::kFloat).mul(6).log_softmax(-1);
}

std::string usage_error(const DecodeOptions& options) {
  try {
    Decoder(options, kTokens, 0, 1);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage) << error.what();
    return error.what();
  }
  return "none";
}

template <class T>
std::string usage_error(T DecodeOptions::* field, const T& value) {
  DecodeOptions options = beam();
  options.*field = value;
  return usage_error(options);
}

}  // namespace

TEST(Decoder, EachKindReadsAClearClip) {
  for (const char* name : {"greedy", "beam"}) {
    DecodeOptions options;
    options.decoder = name;
    const Tensor log_probs = log_probs_of({2, 2, 0, 2, 3, 1, 1, 3});
    const Transcript transcript = Decoder(options, kTokens, 0, 1).decode(log_probs, 0.5);
    EXPECT_THAT(transcript.tokens, ElementsAre(2, 2, 3, 1, 3)) << name;
    ASSERT_EQ(transcript.words.size(), 2U);
    EXPECT_EQ(transcript.words[0].text, "aab");
    EXPECT_DOUBLE_EQ(transcript.words[0].end, 2.5);
    EXPECT_EQ(transcript.words[1].text, "b");
    EXPECT_DOUBLE_EQ(transcript.words[1].start, 3.5);
    EXPECT_EQ(transcript.spans[0].end_frame, 2);
    EXPECT_GE(transcript.score, log_probs.amax(-1).sum().item<double>() - 1e-5);
    EXPECT_LT(transcript.score, 0);
  }
}

TEST(Decoder, OfNothingIsEmpty) {
  for (const char* name : {"greedy", "beam"}) {
    DecodeOptions options;
    options.decoder = name;
    const Transcript transcript = Decoder(options, kTokens, 0, 1).decode(at::zeros({0, 4}));
    EXPECT_TRUE(transcript.tokens.empty());
    EXPECT_TRUE(transcript.words.empty());
    EXPECT_EQ(transcript.score, 0);
  }
}

TEST(Decoder, NamesWordsByTheLexicon) {
  const TemporaryFolder folder;
  write_file(folder / "words.txt", "one a b\ntwo b\n");
  DecodeOptions options = beam();
  options.decoder_lexicon = (folder / "words.txt").string();
  const Transcript transcript = Decoder(options, kTokens, 0, 1).decode(log_probs_of({2, 3, 1, 3}));
  ASSERT_EQ(transcript.words.size(), 2U);
  EXPECT_EQ(transcript.words[0].text, "one");
  EXPECT_EQ(transcript.words[1].text, "two");
}

TEST(Decoder, RefusesBrokenLogProbabilities) {
  const float kNan = std::numeric_limits<float>::quiet_NaN();
  for (const char* name : {"greedy", "beam"}) {
    DecodeOptions options;
    options.decoder = name;
    const Decoder decoder(options, kTokens, 0, 1);
    Tensor log_probs = log_probs_of({2, 3, 1});
    log_probs[1][2] = kNan;
    EXPECT_THAT(message_of([&] { decoder.decode(log_probs); }), HasSubstr("of frame 1 are not finite"));
    log_probs[1].fill_(-std::numeric_limits<float>::infinity());
    EXPECT_THAT(message_of([&] { decoder.decode(log_probs); }), HasSubstr("of frame 1 are not finite"));
    EXPECT_THAT(message_of([&] { decoder.decode(at::zeros({3, 5})); }),
                HasSubstr("shape [3, 5]: expected [frames, 4]"));
  }
}

TEST(Decoder, TakesProbabilitiesOfZero) {
  const Tensor log_probs = at::one_hot(at::tensor({2, 2, 3}, at::kLong), 4).to(at::kFloat).log();
  EXPECT_THAT(Decoder(beam(), kTokens, 0, 1).decode(log_probs).tokens, ElementsAre(2, 3));
}

TEST(Decoder, RefusesContradictions) {
  DecodeOptions options;
  options.lm = "lm.arpa";
  EXPECT_THAT(usage_error(options), HasSubstr("--lm does not go with --decoder greedy: use --decoder beam"));
  options.lm.clear();
  options.decoder_lexicon = "words.txt";
  EXPECT_THAT(usage_error(options), HasSubstr("--decoder_lexicon does not go with --decoder greedy"));
  EXPECT_THAT(usage_error(&DecodeOptions::decoder, std::string("viterbi")),
              HasSubstr("unknown decoder 'viterbi': use one of greedy, beam"));
  EXPECT_THAT(usage_error(&DecodeOptions::beam_width, int64_t{1} << 40), HasSubstr("--beam_width 1099511627776"));
  EXPECT_THAT(usage_error(&DecodeOptions::beam_width, int64_t{0}), HasSubstr("--beam_width 0: expected 1 to 10000"));
  EXPECT_THAT(usage_error(&DecodeOptions::token_cutoff, 0.0), HasSubstr("--token_cutoff 0"));
  EXPECT_THAT(usage_error(&DecodeOptions::lm_weight, std::nan("")), HasSubstr("--lm_weight nan"));
  EXPECT_THAT(usage_error(&DecodeOptions::word_bonus, HUGE_VAL), HasSubstr("--word_bonus inf"));
}

TEST(Decoder, RefusesALexiconWithoutDelimiter) {
  DecodeOptions options = beam();
  options.decoder_lexicon = "words.txt";
  EXPECT_THAT(message_of([&] { Decoder(options, kTokens, 0, -1); }),
              HasSubstr("needs a vocabulary with a word delimi"));
}

TEST(Decoder, TakesALanguageModelInAnotherCase) {
  const TemporaryFolder folder;
  const Tensor log_probs = random_log_probs(40, 4, 9);
  std::vector<double> scores;
  for (const std::string& text : {std::string("ab ba"), std::string("AB BA")}) {
    write_bigram_arpa({text}, folder / "lm.arpa", 0.1);
    DecodeOptions options = beam();
    options.lm = (folder / "lm.arpa").string();
    scores.push_back(Decoder(options, kTokens, 0, 1).decode(log_probs).score);
  }
  EXPECT_EQ(scores[0], scores[1]);
}

TEST(Decoder, RefusesALanguageModelInOtherLetters) {
  const TemporaryFolder folder;
  write_bigram_arpa({"xy yx"}, folder / "lm.arpa", 0.1);
  DecodeOptions options = beam();
  options.lm = (folder / "lm.arpa").string();
  EXPECT_THAT(message_of([&] { Decoder(options, kTokens, 0, 1); }), HasSubstr("lm.arpa: no word can be spelled"));
}

TEST(Decoder, ServesManyThreads) {
  const TemporaryFolder folder;
  write_bigram_arpa({"ab ba", "a b ab"}, folder / "lm.arpa", 0.1);
  DecodeOptions options = beam();
  options.lm = (folder / "lm.arpa").string();
  const Decoder decoder(options, kTokens, 0, 1);
  const Tensor log_probs = random_log_probs(150, 4, 9);
  const Transcript expected = decoder.decode(log_probs);
  std::vector<Transcript> found(4);
  std::vector<std::thread> threads;
  for (Transcript& transcript : found) threads.emplace_back([&] { transcript = decoder.decode(log_probs); });
  for (std::thread& thread : threads) thread.join();
  for (const Transcript& transcript : found) {
    EXPECT_EQ(transcript.tokens, expected.tokens);
    EXPECT_EQ(transcript.score, expected.score);
  }
}

TEST(DecodeOptions, GoThroughJson) {
  DecodeOptions options = beam();
  options.decoder_lexicon = "words.txt";
  DecodeOptions read;
  options_from_json(read, options_to_json(options), "test");
  EXPECT_EQ(options_to_json(read), options_to_json(options));
}

}  // namespace sure::test
