// An ARPA file of add-k bigrams, estimated from sentences.
#pragma once

#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"
#include "text/utf8.h"

namespace sure::test {

/// P(b | a) = (count(a b) + k V P(b)) / (count(a) + k V) with add-one unigrams, <unk> being one of the V words.
inline void write_bigram_arpa(const std::vector<std::string>& sentences, const std::filesystem::path& file, double k) {
  std::map<std::string, double> words = {{"</s>", 0}, {"<unk>", 0}};
  std::map<std::string, double> contexts;
  std::map<std::pair<std::string, std::string>, double> pairs;
  double total = 0;
  for (const std::string& sentence : sentences) {
    std::string before = "<s>";
    for (const std::string& word : split_words(sentence + " </s>")) {
      words[word] += 1;
      contexts[before] += 1;
      pairs[{before, word}] += 1;
      total += 1;
      before = word;
    }
  }
  const auto vocabulary = static_cast<double>(words.size());
  const double weight = k * vocabulary;
  const auto unigram = [&](const std::string& word) { return (words.at(word) + 1) / (total + vocabulary); };
  const auto back_off = [&](const std::string& word) { return std::log10(weight / (contexts[word] + weight)); };
  std::string arpa = fmt::format("\\data\\\nngram 1={}\nngram 2={}\n\n\\1-grams:\n", words.size() + 1, pairs.size());
  arpa += fmt::format("-99\t<s>\t{}\n", back_off("<s>"));
  for (const auto& [word, count] : words) {
    arpa += fmt::format("{}\t{}\t{}\n", std::log10(unigram(word)), word, back_off(word));
  }
  arpa += "\n\\2-grams:\n";
  for (const auto& [pair, count] : pairs) {
    const double probability = (count + weight * unigram(pair.second)) / (contexts[pair.first] + weight);
    arpa += fmt::format("{}\t{} {}\n", std::log10(probability), pair.first, pair.second);
  }
  write_file(file, arpa + "\n\\end\\\n");
}

}  // namespace sure::test
