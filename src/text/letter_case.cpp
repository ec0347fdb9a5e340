#include "text/letter_case.h"

#include <algorithm>

#include "core/registry.h"
#include "text/utf8.h"

namespace sure {

namespace {

std::string as_it_is(std::string_view text) { return std::string(text); }

const std::vector<LetterCase> kLetterCases = {{"lower", lower_case}, {"upper", upper_case}, {"keep", as_it_is}};

/// Special tokens and slot marks are words, not letters.
bool is_letter_with_case(const std::string& token) {
  return characters(token).size() == 1 && lower_case(token) != upper_case(token);
}

}  // namespace

std::vector<std::string> letter_case_names() { return names_of(kLetterCases); }

const LetterCase& find_letter_case(const std::string& name) { return find_row(kLetterCases, name, "--letter_case"); }

void check_letter_case(const std::string& name, const std::vector<std::string>& tokens, const std::string& file) {
  const LetterCase& chosen = find_letter_case(name);
  const auto can_write = [&](const std::string& token) {
    return is_letter_with_case(token) && chosen.apply(token) == token;
  };
  if (std::none_of(tokens.begin(), tokens.end(), is_letter_with_case)) return;
  if (std::any_of(tokens.begin(), tokens.end(), can_write)) return;
  fail_usage("{}: none of its letters is in {} case, as transcripts would be: use --letter_case {}", file, name,
             name == "lower" ? "upper" : "lower");
}

}  // namespace sure
