#include "text/lexicon.h"

#include <algorithm>
#include <iterator>

#include "core/atomic_file.h"
#include "core/error.h"
#include "text/arpabet.h"
#include "text/utf8.h"

namespace sure {

namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kDigits = "0123456789";

/// Cuts the next field off `line`; an empty one at its end.
std::string_view next_field(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  const std::string_view field = line.substr(0, line.find_first_of(kBlanks));
  line.remove_prefix(field.size());
  return field;
}

/// "word(2)" as "word".
std::string_view without_number(std::string_view entry) {
  if (!entry.ends_with(')')) return entry;
  const size_t bracket = entry.rfind('(');
  if (bracket == std::string_view::npos || bracket == 0) return entry;
  const std::string_view number = entry.substr(bracket + 1, entry.size() - bracket - 2);
  const bool is_number = !number.empty() && number.find_first_not_of(kDigits) == std::string_view::npos;
  return is_number ? entry.substr(0, bracket) : entry;
}

std::string folded(std::string_view word) { return lower_case(nfc(word)); }

/// arpabet(true), then the vowels without stress.
const std::vector<std::string>& all_symbols() {
  static const std::vector<std::string> symbols = [] {
    std::vector<std::string> all = arpabet(true);
    std::copy_if(arpabet(false).begin(), arpabet(false).end(), std::back_inserter(all), is_vowel);
    return all;
  }();
  return symbols;
}

/// Positions in all_symbols().
const std::unordered_map<std::string_view, uint8_t>& positions() {
  static const std::unordered_map<std::string_view, uint8_t> positions = [] {
    std::unordered_map<std::string_view, uint8_t> all;
    for (const std::string& symbol : all_symbols()) all.emplace(symbol, static_cast<uint8_t>(all.size()));
    return all;
  }();
  return positions;
}

}  // namespace

Lexicon::Lexicon(std::string_view text, const std::string& origin, const LexiconOptions& options) {
  text = without_byte_order_mark(text);
  for (int64_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const size_t phonemes = phonemes_.size();
    const Stress stress = stress_;
    try {
      add_line(line, options.drop_stress);
    } catch (const Error& error) {
      if (!options.skip_broken_lines) fail("{}:{}: {}", origin, number, error.what());
      phonemes_.resize(phonemes);
      stress_ = stress;
      ++skipped_;
    }
  }
}

void Lexicon::add_line(std::string_view line, bool drop_stress) {
  if (!is_utf8(line)) fail("broken UTF-8, expected UTF-8 text");
  const std::string_view entry = next_field(line);
  if (entry.empty() || entry.starts_with(";;;")) return;
  std::string word = folded(without_number(entry));
  const auto begin = static_cast<uint32_t>(phonemes_.size());
  for (std::string_view symbol = next_field(line); !symbol.empty() && symbol != "#"; symbol = next_field(line)) {
    add_phoneme(symbol, drop_stress);
  }
  const auto end = static_cast<uint32_t>(phonemes_.size());
  if (begin == end) fail("'{}' has no phonemes, expected \"word P1 P2 …\"", word);
  words_[std::move(word)].push_back({begin, end});
}

void Lexicon::add_phoneme(std::string_view symbol, bool drop_stress) {
  const auto known = positions().find(symbol);
  if (known == positions().end()) fail("'{}' is no ARPAbet phoneme, expected one such as K, AA or AA1", symbol);
  const std::string kept = drop_stress ? without_stress(symbol) : std::string(symbol);
  if (is_vowel(kept)) check_stress(kept);
  phonemes_.push_back(positions().at(kept));
}

void Lexicon::check_stress(std::string_view symbol) {
  const Stress found = without_stress(symbol) == symbol ? Stress::absent : Stress::marked;
  if (stress_ == Stress::unknown) stress_ = found;
  if (stress_ == found) return;
  fail("vowel '{}' {}", symbol,
       found == Stress::absent ? "has no stress, those before it have" : "has stress, those before it have none");
}

const std::vector<Lexicon::Range>* Lexicon::find(std::string_view word) const {
  const auto entry = words_.find(folded(word));
  return entry == words_.end() ? nullptr : &entry->second;
}

std::vector<std::string> Lexicon::phonemes_of(Range range) const {
  std::vector<std::string> phonemes;
  for (uint32_t i = range.begin; i < range.end; ++i) phonemes.push_back(all_symbols()[phonemes_[i]]);
  return phonemes;
}

bool Lexicon::contains(std::string_view word) const { return find(word) != nullptr; }

std::vector<std::string> Lexicon::pronounce(std::string_view word) const {
  const auto* ranges = find(word);
  return ranges == nullptr ? std::vector<std::string>() : phonemes_of(ranges->front());
}

std::vector<std::vector<std::string>> Lexicon::pronunciations(std::string_view word) const {
  std::vector<std::vector<std::string>> all;
  if (const auto* ranges = find(word)) {
    for (const Range range : *ranges) all.push_back(phonemes_of(range));
  }
  return all;
}

Lexicon read_lexicon(const std::filesystem::path& path, const LexiconOptions& options) {
  return Lexicon(read_file(path), path.string(), options);
}

}  // namespace sure
