// The ARPA format of n-gram models (Doug Paul, MIT Lincoln Laboratory), as KenLM and SRILM write it.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "decode/arpa_lm.h"
#include "text/text_lines.h"

namespace sure {

/// Fills an empty ArpaLm; what it throws is said there.
class ArpaReader {
 public:
  ArpaReader(const std::filesystem::path& file, ArpaLm& lm) : lines_(file), lm_(lm) {}

  void read();

 private:
  void read_counts();
  void read_count(size_t order);
  void read_ngrams(size_t order);
  void read_ngram(size_t order);
  uint64_t read_key(size_t order);
  int32_t add_word(std::string_view word);
  void close_words();
  void know_other_case();
  int32_t marker(std::string_view word);
  float read_number(std::string_view field, const char* what);
  void expect(std::string_view line);

  TextLines lines_;
  ArpaLm& lm_;
  std::vector<size_t> counts_;
};

}  // namespace sure
