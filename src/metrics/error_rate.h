// Word, character and phoneme error rate: Levenshtein errors over reference tokens, as jiwer 4 counts them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sure {

/// How a hypothesis differs from its reference, in tokens; counts of several pairs add up.
struct EditCounts {
  int64_t substitutions = 0;
  int64_t deletions = 0;
  int64_t insertions = 0;
  int64_t reference_length = 0;

  int64_t errors() const { return substitutions + deletions + insertions; }
  EditCounts& operator+=(const EditCounts& other);
};

/// The fewest edits that turn `reference` into `hypothesis`; where several sets are as few, the one with the most
/// substitutions. Time is the product of the two lengths, memory their sum.
EditCounts edit_counts(const std::vector<std::string>& reference, const std::vector<std::string>& hypothesis);

/// Edits in words, which lie between spaces, summed over all pairs. Throws unless each reference has one hypothesis.
EditCounts word_edits(const std::vector<std::string>& references, const std::vector<std::string>& hypotheses);
/// Edits in Unicode code points, without spaces at either end. Throws as word_edits does, and when text is not UTF-8.
EditCounts character_edits(const std::vector<std::string>& references, const std::vector<std::string>& hypotheses);

/// Errors per reference token; the number of errors when there are no reference tokens at all.
double error_rate(const EditCounts& counts);

/// error_rate of word_edits; of phonemes between spaces it is the phoneme error rate.
double word_error_rate(const std::vector<std::string>& references, const std::vector<std::string>& hypotheses);
/// error_rate of character_edits.
double character_error_rate(const std::vector<std::string>& references, const std::vector<std::string>& hypotheses);

}  // namespace sure
