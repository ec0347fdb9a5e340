// A pronouncing dictionary in the format of CMUdict: "word  P1 P2 …" on each line, "word(2) …" for another
// pronunciation, "# …" after the phonemes and lines that start with ";;;" for comments.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sure {

struct LexiconOptions {
  bool drop_stress = false;        // AA1 is read as AA
  bool skip_broken_lines = false;  // count lines that cannot be read instead of throwing
};

/// Words with their pronunciations, in ARPAbet. Looks words up whatever their case.
class Lexicon {
 public:
  Lexicon() = default;

  /// `origin` (the file) leads messages. Throws Error "file:line: …" for a line without phonemes, with a symbol that is
  /// not ARPAbet or with broken UTF-8, and for a vowel with stress where those before it have none, or the reverse.
  Lexicon(std::string_view text, const std::string& origin, const LexiconOptions& options = {});

  bool contains(std::string_view word) const;

  /// The phonemes of the first pronunciation of `word`; none for a word that is not there. Throws Error for broken
  /// UTF-8.
  std::vector<std::string> pronounce(std::string_view word) const;

  /// All pronunciations of `word` in the order of the file.
  std::vector<std::vector<std::string>> pronunciations(std::string_view word) const;

  int64_t size() const { return static_cast<int64_t>(words_.size()); }

  /// Lines that were broken and skipped.
  int64_t skipped() const { return skipped_; }

  /// Whether vowels carry stress (AA1). True for a lexicon without vowels.
  bool has_stress() const { return stress_ != Stress::absent; }

 private:
  enum class Stress { unknown, absent, marked };
  struct Range {
    uint32_t begin;
    uint32_t end;
  };

  void add_line(std::string_view line, bool drop_stress);
  void add_phoneme(std::string_view symbol, bool drop_stress);
  void check_stress(std::string_view symbol);
  const std::vector<Range>* find(std::string_view word) const;
  std::vector<std::string> phonemes_of(Range range) const;

  std::unordered_map<std::string, std::vector<Range>> words_;
  std::vector<uint8_t> phonemes_;  // of all words, as positions in a table of all symbols
  Stress stress_ = Stress::unknown;
  int64_t skipped_ = 0;
};

/// The lexicon in the file `path`. Throws Error as the constructor does, or when the file cannot be read.
Lexicon read_lexicon(const std::filesystem::path& path, const LexiconOptions& options = {});

}  // namespace sure
