#include "text/letter_to_sound.h"

#include <algorithm>
#include <array>
#include <span>
#include <sstream>

#include "core/error.h"
#include "text/arpabet.h"
#include "text/utf8.h"

namespace sure {

namespace {

/// What `letters` up to '|' (all of them, without one) sound like; what stands after '|' must only follow.
/// ^ and $ are the word's ends, # a vowel, * a consonant.
struct Rule {
  std::string_view letters;
  std::string_view phonemes;
};

constexpr std::array kBeginnings = std::to_array<Rule>(
    {{"^kn", "N"}, {"^gn", "N"}, {"^wr", "R"}, {"^ps", "S"}, {"^pn", "N"}, {"^x", "Z"}, {"^mc", "M AH K"}, {"^", ""}});

constexpr std::array kEndings =
    std::to_array<Rule>({{"tion|$", "SH AH N"}, {"tion|s$", "SH AH N"}, {"sion|$", "ZH AH N"},
                         {"cious$", "SH AH S"}, {"tious$", "SH AH S"},  {"ous$", "AH S"},
                         {"age$", "IH JH"},     {"le$", "AH L"},        {"les$", "AH L Z"},
                         {"ies$", "IY Z"},      {"ying|$", "AY IH NG"}, {"ing|$", "IH NG"},
                         {"ing|s$", "IH NG"},   {"ted$", "T AH D"},     {"ded$", "D AH D"},
                         {"ed$", "D"},          {"ches$", "CH AH Z"},   {"shes$", "SH AH Z"},
                         {"ses$", "S AH Z"},    {"xes$", "K S AH Z"},   {"zes$", "Z AH Z"},
                         {"mb|$", "M"},         {"gn|$", "N"},          {"us$", "AH S"},
                         {"is$", "IH S"},       {"es$", "Z"},           {"e$", ""}});

constexpr std::array kConsonantGroups = std::to_array<Rule>({{"tch", "CH"},
                                                             {"dge", "JH"},
                                                             {"sch", "SH"},
                                                             {"ch", "CH"},
                                                             {"sh", "SH"},
                                                             {"th", "TH"},
                                                             {"ph", "F"},
                                                             {"wh", "W"},
                                                             {"ck", "K"},
                                                             {"qu", "K W"},
                                                             {"ng|$", "NG"},
                                                             {"n|k", "NG"},
                                                             {"s|ce", ""},
                                                             {"s|ci", ""},
                                                             {"gh", "G"}});

constexpr std::array kVowelGroups = std::to_array<Rule>(
    {{"eigh", "EY"},    {"igh", "AY"},      {"augh", "AO"},    {"ough", "AO"},   {"ear", "IH R"}, {"eer", "IH R"},
     {"air", "EH R"},   {"are$", "EH R"},   {"ire$", "AY ER"}, {"ore$", "AO R"}, {"oor", "AO R"}, {"our", "AO R"},
     {"ture", "CH ER"}, {"ure$", "Y UH R"}, {"ai", "EY"},      {"ay", "EY"},     {"au", "AO"},    {"aw", "AO"},
     {"ea", "IY"},      {"ee", "IY"},       {"ei", "EY"},      {"ey|$", "IY"},   {"ey", "EY"},    {"eu", "Y UW"},
     {"ew", "UW"},      {"ie", "IY"},       {"oa", "OW"},      {"oi", "OY"},     {"oy", "OY"},    {"oo", "UW"},
     {"ow|$", "OW"},    {"ow", "AW"},       {"ou", "AW"},      {"ue|$", "UW"},   {"ui", "UW"},    {"ar", "AA R"},
     {"er|#", "EH R"},  {"er", "ER"},       {"ir", "ER"},      {"or|$", "ER"},   {"or", "AO R"},  {"ur", "ER"}});

// A vowel before one consonant and a final e is long.
constexpr std::array kBeforeFinalE = std::to_array<Rule>({{"a|*e$", "EY"},
                                                          {"e|*e$", "IY"},
                                                          {"i|*e$", "AY"},
                                                          {"o|*e$", "OW"},
                                                          {"u|*e$", "UW"},
                                                          {"y|*e$", "AY"},
                                                          {"a|*es$", "EY"},
                                                          {"i|*es$", "AY"},
                                                          {"o|*es$", "OW"},
                                                          {"u|*es$", "UW"},
                                                          {"a|*ed$", "EY"},
                                                          {"i|*ed$", "AY"},
                                                          {"o|*ed$", "OW"},
                                                          {"u|*ed$", "UW"},
                                                          {"a|*le$", "EY"},
                                                          {"i|*le$", "AY"},
                                                          {"o|*le$", "OW"}});

constexpr std::array kSingleLetters = std::to_array<Rule>(
    {{"a$", "AH"}, {"a", "AE"},  {"e$", "IY"},  {"e", "EH"},   {"i$", "IY"},  {"i", "IH"},   {"o$", "OW"}, {"o", "AA"},
     {"u", "AH"},  {"y|#", "Y"}, {"y|$", "IY"}, {"y", "IH"},   {"b", "B"},    {"c|e", "S"},  {"c|i", "S"}, {"c|y", "S"},
     {"c", "K"},   {"d", "D"},   {"f", "F"},    {"g|e", "JH"}, {"g|i", "JH"}, {"g|y", "JH"}, {"g", "G"},   {"h", "HH"},
     {"j", "JH"},  {"k", "K"},   {"l", "L"},    {"m", "M"},    {"n", "N"},    {"p", "P"},    {"q", "K"},   {"r", "R"},
     {"s", "S"},   {"t", "T"},   {"v", "V"},    {"w", "W"},    {"x", "K S"},  {"z", "Z"},    {"$", ""}});

struct Table {
  std::span<const Rule> rules;
  bool after_a_vowel = false;  // holds only there: the "ed" of "led" is no ending
};

/// The first rule that fits wins: longer groups of letters come before those they begin with.
constexpr std::array kTables = std::to_array<Table>(
    {{kBeginnings}, {kEndings, true}, {kConsonantGroups}, {kVowelGroups}, {kBeforeFinalE}, {kSingleLetters}});

bool is_letter(char c) { return c >= 'a' && c <= 'z'; }
bool is_vowel_letter(char c) { return std::string_view("aeiouy").find(c) != std::string_view::npos; }
bool is_consonant_letter(char c) { return is_letter(c) && !is_vowel_letter(c); }

bool fits(char pattern, char letter) {
  if (pattern == '#') return is_vowel_letter(letter);
  if (pattern == '*') return is_consonant_letter(letter);
  return pattern == letter;
}

/// How many letters of `rest` the rule speaks; 0 when it does not fit.
size_t letters_spoken(const Rule& rule, std::string_view rest) {
  size_t at = 0;
  size_t spoken = 0;
  for (const char pattern : rule.letters) {
    if (pattern == '|') {
      spoken = at;
    } else if (at < rest.size() && fits(pattern, rest[at])) {
      ++at;
    } else {
      return 0;
    }
  }
  return spoken > 0 ? spoken : at;
}

/// What the next letters sound like; takes them off `rest`.
std::string_view next_sound(std::string_view& rest, bool vowel_heard) {
  for (const Table& table : kTables) {
    if (table.after_a_vowel && !vowel_heard) continue;
    for (const Rule& rule : table.rules) {
      const size_t spoken = letters_spoken(rule, rest);
      if (spoken == 0) continue;
      rest.remove_prefix(spoken);
      return rule.phonemes;
    }
  }
  fail("letter-to-sound rules: no rule for '{}'", rest);
}

void append_phonemes(std::string_view list, std::vector<std::string>& phonemes) {
  std::istringstream symbols{std::string(list)};
  for (std::string symbol; symbols >> symbol;) {
    const bool doubled = !phonemes.empty() && phonemes.back() == symbol && !is_vowel(symbol);  // the "pp" of "apple"
    if (!doubled) phonemes.push_back(symbol);
  }
}

void mark_stress(std::vector<std::string>& phonemes) {
  char stress = '1';
  for (std::string& phoneme : phonemes) {
    if (!is_vowel(phoneme)) continue;
    phoneme += stress;
    stress = '0';
  }
}

}  // namespace

std::vector<std::string> letter_to_sound(std::string_view word) {
  std::string letters = "^";
  for (const char c : lower_case(without_accents(word))) {
    if (is_letter(c)) letters += c;
  }
  letters += '$';
  std::vector<std::string> phonemes;
  for (std::string_view rest = letters; !rest.empty();) {
    const bool vowel_heard = std::any_of(phonemes.begin(), phonemes.end(), is_vowel);
    append_phonemes(next_sound(rest, vowel_heard), phonemes);
  }
  mark_stress(phonemes);
  return phonemes;
}

}  // namespace sure
