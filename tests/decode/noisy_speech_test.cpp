// What a language model is good for: sentences through simulated noise, read greedily and by beam search.
#include <ATen/ops/empty_like.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <fstream>

#include "decode/decoder.h"
#include "tests/decode/bigram_arpa.h"
#include "tests/decode/every_path.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

namespace sure::test {

namespace fs = std::filesystem;

namespace {

/// A vocabulary of the characters that the sentences have: blank, delimiter, letters.
std::vector<std::string> tokens_for(const std::vector<std::string>& sentences) {
  std::map<std::string, int> letters;
  for (const std::string& sentence : sentences) {
    for (const std::string& letter : characters(sentence)) letters[letter] = 1;
  }
  letters.erase(" ");
  std::vector<std::string> tokens = {"<pad>", "|"};
  for (const auto& [letter, unused] : letters) tokens.push_back(letter);
  return tokens;
}

/// What a model of limited hearing would say: each character for two frames and a blank, in noise of width `noise`.
Tensor hear(const std::string& sentence, const TokenTable& tokens, double noise, uint64_t seed) {
  std::vector<int64_t> path;
  for (const std::string& letter : characters(sentence)) {
    const int64_t token = letter == " " ? tokens.delimiter() : tokens.id(letter);
    path.insert(path.end(), {token, token, tokens.blank()});
  }
  const Tensor clear = at::one_hot(at::tensor(path, at::kLong), tokens.size()).to(at::kFloat).mul(6);
  return clear.add(at::empty_like(clear).normal_(0, noise, make_generator(seed))).log_softmax(-1);
}

/// Levenshtein distance in words.
size_t word_errors(const std::vector<std::string>& said, const std::vector<std::string>& heard) {
  std::vector<size_t> row(heard.size() + 1);
  for (size_t j = 0; j < row.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= said.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j < row.size(); ++j) {
      const size_t replaced = diagonal + (said[i - 1] == heard[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

double word_error_rate(const std::vector<std::string>& sentences, const DecodeOptions& options, double noise) {
  const TokenTable tokens(tokens_for(sentences), 0, 1);
  const Decoder decoder(options, tokens_for(sentences), 0, 1);
  size_t errors = 0;
  size_t words = 0;
  for (size_t i = 0; i < sentences.size(); ++i) {
    const std::vector<std::string> said = split_words(sentences[i]);
    std::vector<std::string> heard;
    const Tensor log_probs = hear(sentences[i], tokens, noise, 100 + i);
    for (const Word& word : decoder.decode(log_probs).words) heard.push_back(word.text);
    errors += word_errors(said, heard);
    words += said.size();
  }
  return static_cast<double>(errors) / static_cast<double>(words);
}

struct ErrorRates {
  double greedy;
  double beam;
  double with_lm;
};

/// With a language model of `text`.
ErrorRates compare(const std::vector<std::string>& sentences, const std::vector<std::string>& text) {
  constexpr double kNoise = 1.4;
  const TemporaryFolder folder;
  write_bigram_arpa(text, folder / "lm.arpa", 0.02);
  DecodeOptions options;
  ErrorRates rates{};
  rates.greedy = word_error_rate(sentences, options, kNoise);
  options.decoder = "beam";
  rates.beam = word_error_rate(sentences, options, kNoise);
  options.lm = (folder / "lm.arpa").string();
  rates.with_lm = word_error_rate(sentences, options, kNoise);
  return rates;
}

std::vector<std::string> librispeech_sentences() {
  std::vector<std::string> sentences;
  if (shared_data().empty()) return sentences;
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(shared_data() / "LibriSpeech")) {
    if (entry.path().string().ends_with(".trans.txt")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) sentences.push_back(line.substr(line.find(' ') + 1));
  }
  return sentences;
}

}  // namespace

TEST(NoisySpeech, ALanguageModelHelpsOnCommands) {
  const std::vector<std::string> sentences = read_golden("decode/golden/arpa_lm.json").at("training");
  const ErrorRates rates = compare(sentences, sentences);
  EXPECT_GT(rates.greedy, 0.2);
  EXPECT_LT(rates.with_lm, 0.5 * rates.greedy);
  EXPECT_LT(rates.with_lm, 0.5 * rates.beam);
}

TEST(NoisySpeech, ALanguageModelHelpsOnLibriSpeech) {
  const std::vector<std::string> sentences = librispeech_sentences();
  if (sentences.empty()) GTEST_SKIP() << "no LibriSpeech beside the project (SURE_SHARED_DATA)";
  const ErrorRates rates = compare(sentences, sentences);
  EXPECT_GT(rates.greedy, 0.2);
  EXPECT_LT(rates.with_lm, 0.5 * rates.greedy);
}

}  // namespace sure::test
