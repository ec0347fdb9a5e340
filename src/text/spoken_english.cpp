#include "text/spoken_english.h"

#include <algorithm>
#include <array>

#include "text/replace_all.h"
#include "text/spoken_number.h"
#include "text/spoken_tables.h"
#include "text/utf8.h"

namespace sure {

namespace {

constexpr Replacement kPlain[] = {{"’", "'"},  {"‘", "'"},   {"ʼ", "'"},    {"“", "\""},   {"”", "\""},
                                  {"„", "\""}, {"…", "..."}, {" – ", ", "}, {" — ", ", "}, {"—", ", "},
                                  {"–", "-"},  {"−", "-"},   {"‐", "-"},    {"‑", "-"},    {"\u00a0", " "}};

constexpr std::string_view kOpening = "\"'([{";
constexpr std::string_view kClosing = "\"')]}.,;:!?";
constexpr std::string_view kEndings = ".!?";

/// A word with what stands around it: ("Dr.", …) keeps its dot, (1998,) does not.
struct Token {
  std::string before;
  std::string word;
  std::string after;
};

bool is_spelled_out(std::string_view word) {  // "U.S.", "U.S.A."
  if (word.size() < 4 || word.size() % 2 != 0) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    const bool fits = i % 2 == 1 ? word[i] == '.' : word[i] >= 'A' && word[i] <= 'Z';
    if (!fits) return false;
  }
  return true;
}

bool keeps_dot(std::string_view word) {
  return abbreviation_words(word).has_value() || is_spelled_out(word) || word == "St." || word == "No." ||
         (month_number(word) > 0 && word != "May.");
}

Token cut_token(std::string_view text) {
  Token token;
  while (!text.empty() && kOpening.find(text.front()) != std::string_view::npos) {
    const bool is_decade = text.size() > 2 && text.front() == '\'' && text[1] >= '0' && text[1] <= '9';
    if (is_decade) break;
    token.before += text.front();
    text.remove_prefix(1);
  }
  while (!text.empty() && kClosing.find(text.back()) != std::string_view::npos && !keeps_dot(text)) {
    token.after.insert(token.after.begin(), text.back());
    text.remove_suffix(1);
  }
  token.word = text;
  return token;
}

/// "Saint" before a name, "Street" behind one.
std::string saint_or_street(const std::vector<Token>& tokens, size_t i) {
  const bool before_name = tokens[i].after.empty() && i + 1 < tokens.size() && !tokens[i + 1].word.empty() &&
                           tokens[i + 1].word.front() >= 'A' && tokens[i + 1].word.front() <= 'Z';
  return before_name ? "Saint" : "Street";
}

std::string with_spaces(std::string_view spelled_out) {
  std::string letters;
  for (const char c : spelled_out) letters += c == '.' ? ' ' : c;
  letters.pop_back();
  return letters;
}

class Reader {
 public:
  explicit Reader(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  std::string read() {
    std::string text;
    for (size_t i = 0; i < tokens_.size(); ++i) {
      const std::string words = tokens_[i].before + read_word(i) + tokens_[i].after;
      if (words.empty()) continue;
      if (!text.empty()) text += ' ';
      text += words;
    }
    return text;
  }

 private:
  std::string_view word_at(size_t i) const { return i < tokens_.size() ? std::string_view(tokens_[i].word) : ""; }

  /// The end of a sentence is heard even where its dot belongs to an abbreviation.
  std::string ended(size_t i, std::string words) const {
    const bool last = i + 1 == tokens_.size() && tokens_[i].after.empty() && tokens_[i].word.ends_with('.');
    return last ? words + "." : words;
  }

  std::string read_word(size_t i) {
    const std::string& word = tokens_[i].word;
    if (word == "St.") return ended(i, saint_or_street(tokens_, i));
    const bool numbers_next = !word_at(i + 1).empty() && word_at(i + 1).front() >= '0' && word_at(i + 1).front() <= '9';
    if (word == "No.") return numbers_next ? "number" : "No.";
    if (is_spelled_out(word)) return ended(i, with_spaces(word));
    if (const auto words = abbreviation_words(word)) return ended(i, *words);
    if (const int month = month_number(word)) return std::string(month_name(month));
    NumberContext context;
    context.after_month = i > 0 && month_number(word_at(i - 1)) > 0 && tokens_[i - 1].after.empty();
    context.before_month = month_number(word_at(i + 1)) > 0 && tokens_[i].after.empty();
    context.before_magnitude = is_magnitude(word_at(i + 1)) && tokens_[i].after.empty();
    const bool has_currency = currency_at_start(word) != nullptr;
    if (has_currency && context.before_magnitude) {
      tokens_[i + 1].word += " " + std::string(currency_at_start(word)->whole) + "s";
    }
    if (const auto words = spoken_number(word, context)) return *words;
    if (const auto words = sign_words(word)) return *words;
    return word;
  }

  std::vector<Token> tokens_;
};

/// Where to cut a sentence that is too long: behind the last comma before the limit, else at the last space, else
/// there.
size_t cut_before(std::string_view text, size_t most) {
  for (const std::string_view sign : {",", ";", ":", " "}) {
    const size_t place = text.substr(0, most).rfind(sign);
    if (place != std::string_view::npos && place > 0) return place + 1;
  }
  size_t place = most;
  while (place > 1 && (static_cast<unsigned char>(text[place]) & 0xC0U) == 0x80U) --place;  // not inside a character
  return place;
}

}  // namespace

std::string spoken_english(std::string_view text) {
  const std::string plain = replace_all(nfc(text), kPlain);
  std::vector<Token> tokens;
  for (const std::string& word : split_words(plain)) tokens.push_back(cut_token(word));
  return Reader(std::move(tokens)).read();
}

bool can_be_said(std::string_view text) {
  const std::vector<std::string> all = characters(text);
  const auto is_spoken = [](const std::string& c) { return upper_case(c) != lower_case(c) || (c >= "0" && c <= "9"); };
  return std::any_of(all.begin(), all.end(), is_spoken);
}

std::vector<std::string> sentences_of(std::string_view text, size_t most) {
  std::vector<std::string> sentences;
  const auto take = [&](std::string_view sentence) {
    sentence = without_white_space_around(sentence);
    while (sentence.size() > most) {
      const size_t end = cut_before(sentence, most);
      sentences.emplace_back(without_white_space_around(sentence.substr(0, end)));
      sentence = without_white_space_around(sentence.substr(end));
    }
    if (!sentence.empty()) sentences.emplace_back(sentence);
  };
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool ends_line = text[i] == '\n';
    const bool ends = kEndings.find(text[i]) != std::string_view::npos && i + 1 < text.size() && text[i + 1] == ' ';
    if (!ends_line && !ends) continue;
    take(text.substr(begin, i + 1 - begin));
    begin = i + 1;
  }
  take(text.substr(begin));
  return sentences;
}

}  // namespace sure
