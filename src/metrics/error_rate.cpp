#include "metrics/error_rate.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "core/error.h"
#include "text/utf8.h"

namespace sure {

namespace {

// An insertion costs a trace more than the other errors: ties go to substitutions, and the cost of an alignment tells
// both how many errors it has and how many of them are insertions.
constexpr int64_t kError = int64_t{1} << 32;
constexpr int64_t kInsertion = kError + 1;

/// Numbers for tokens, the same for equal ones, because numbers compare faster.
class TokenIds {
 public:
  std::vector<size_t> of(const std::vector<std::string>& tokens) {
    std::vector<size_t> ids;
    ids.reserve(tokens.size());
    for (const std::string& token : tokens) ids.push_back(ids_.try_emplace(token, ids_.size()).first->second);
    return ids;
  }

 private:
  std::unordered_map<std::string_view, size_t> ids_;
};

/// Cost of the cheapest alignment (Wagner and Fischer 1974), one row of the table at a time.
int64_t alignment_cost(const std::vector<size_t>& reference, const std::vector<size_t>& hypothesis) {
  std::vector<int64_t> row(reference.size() + 1);
  for (size_t i = 1; i < row.size(); ++i) row[i] = row[i - 1] + kError;
  for (const size_t token : hypothesis) {
    int64_t diagonal = row[0];
    row[0] += kInsertion;
    for (size_t i = 1; i < row.size(); ++i) {
      const int64_t kept_or_substituted = diagonal + (reference[i - 1] == token ? 0 : kError);
      const int64_t inserted = row[i] + kInsertion;
      const int64_t deleted = row[i - 1] + kError;
      diagonal = row[i];
      row[i] = std::min({kept_or_substituted, inserted, deleted});
    }
  }
  return row.back();
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> words;
  for (size_t begin = text.find_first_not_of(' '); begin != text.npos;) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(' ', end);
  }
  return words;
}

std::vector<std::string> trimmed_characters(std::string_view text) {
  const size_t begin = text.find_first_not_of(' ');
  if (begin == text.npos) return {};
  return characters(text.substr(begin, text.find_last_not_of(' ') + 1 - begin));
}

template <class Tokenise>
EditCounts sum_of_edits(const std::vector<std::string>& references, const std::vector<std::string>& hypotheses,
                        Tokenise&& tokenise) {
  if (references.size() != hypotheses.size()) {
    fail("error rate: {} references but {} hypotheses; expected one hypothesis for each reference", references.size(),
         hypotheses.size());
  }
  EditCounts sum;
  for (size_t i = 0; i < references.size(); ++i) sum += edit_counts(tokenise(references[i]), tokenise(hypotheses[i]));
  return sum;
}

}  // namespace

EditCounts& EditCounts::operator+=(const EditCounts& other) {
  substitutions += other.substitutions;
  deletions += other.deletions;
  insertions += other.insertions;
  reference_length += other.reference_length;
  return *this;
}

EditCounts edit_counts(const std::vector<std::string>& reference, const std::vector<std::string>& hypothesis) {
  TokenIds ids;
  const int64_t cost = alignment_cost(ids.of(reference), ids.of(hypothesis));
  const auto length = static_cast<int64_t>(reference.size());
  const int64_t insertions = cost % kError;
  const int64_t deletions = length - static_cast<int64_t>(hypothesis.size()) + insertions;
  const int64_t substitutions = cost / kError - insertions - deletions;
  return {substitutions, deletions, insertions, length};
}

EditCounts word_edits(const std::vector<std::string>& references, const std::vector<std::string>& hypotheses) {
  return sum_of_edits(references, hypotheses, words);
}

EditCounts character_edits(const std::vector<std::string>& references, const std::vector<std::string>& hypotheses) {
  return sum_of_edits(references, hypotheses, trimmed_characters);
}

double error_rate(const EditCounts& counts) {
  return static_cast<double>(counts.errors()) / static_cast<double>(std::max<int64_t>(counts.reference_length, 1));
}

double word_error_rate(const std::vector<std::string>& references, const std::vector<std::string>& hypotheses) {
  return error_rate(word_edits(references, hypotheses));
}

double character_error_rate(const std::vector<std::string>& references, const std::vector<std::string>& hypotheses) {
  return error_rate(character_edits(references, hypotheses));
}

}  // namespace sure
