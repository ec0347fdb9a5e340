#include "metrics/slots.h"

#include <algorithm>
#include <map>
#include <regex>

#include "core/error.h"
#include "metrics/error_rate.h"

namespace sure {

namespace {

using Sentences = std::vector<std::string>;
/// Values of each slot type, in their order in the text.
using Slots = std::map<std::string, std::vector<std::string>>;
using ErrorRate = double (*)(const Sentences& references, const Sentences& hypotheses);

std::string single_spaced(const std::string& text) {
  std::string result;
  std::unique_copy(text.begin(), text.end(), std::back_inserter(result),
                   [](char a, char b) { return a == ' ' && b == ' '; });
  return result;
}

std::string without_marks(const std::string& text) {
  static const std::regex opening("B-\\S+ ");
  static const std::regex closing(" E-\\S+");
  return std::regex_replace(std::regex_replace(text, opening, ""), closing, "");
}

/// What "B-(\S+) (.+?) E-\1" matches, found by hand because std::regex needs stack for every character of a value.
Slots find_slots(const std::string& text) {
  Slots slots;
  size_t open = text.find("B-");
  while (open != text.npos) {
    const size_t space = text.find(' ', open);
    if (space == text.npos) break;
    const std::string type = text.substr(open + 2, space - open - 2);
    const size_t close = text.find(" E-" + type, space + 2);
    if (type.empty() || close == text.npos) {
      open = text.find("B-", open + 1);
      continue;
    }
    slots[type].push_back(text.substr(space + 1, close - space - 1));
    open = text.find("B-", close + 3 + type.size());
  }
  return slots;
}

Slots reference_slots(const std::string& text) { return find_slots(single_spaced(text)); }

/// A hypothesis may have lost marks, so that those of one slot end up in the value of another.
Slots hypothesis_slots(const std::string& text) {
  Slots slots = find_slots(single_spaced(text));
  for (auto& [type, values] : slots) std::transform(values.begin(), values.end(), values.begin(), without_marks);
  return slots;
}

/// Calls `count(reference's slots, hypothesis's slots)` for every sentence.
template <class Count>
void for_each_sentence(const Sentences& references, const Sentences& hypotheses, Count&& count) {
  if (references.size() != hypotheses.size()) {
    fail("slots: {} references but {} hypotheses; expected one hypothesis for each reference", references.size(),
         hypotheses.size());
  }
  for (size_t i = 0; i < references.size(); ++i) count(reference_slots(references[i]), hypothesis_slots(hypotheses[i]));
}

double type_f1(const Slots& reference, const Slots& hypothesis) {
  if (reference.empty() && hypothesis.empty()) return 1;
  const auto in_both = std::count_if(reference.begin(), reference.end(),
                                     [&](const auto& slot) { return hypothesis.contains(slot.first); });
  return 2 * static_cast<double>(in_both) / static_cast<double>(reference.size() + hypothesis.size());
}

/// The one of `candidates` with the lowest error rate; as in s3prl, none whose rate reaches 100.
std::string closest(const std::string& value, const std::vector<std::string>& candidates, ErrorRate rate_of) {
  std::string best;
  double lowest = 100;
  for (const std::string& candidate : candidates) {
    const double rate = rate_of({value}, {candidate});
    if (rate < lowest) {
      lowest = rate;
      best = candidate;
    }
  }
  return best;
}

double slot_value_error(const Sentences& references, const Sentences& hypotheses, ErrorRate rate_of) {
  std::vector<std::string> values, answers;
  for_each_sentence(references, hypotheses, [&](const Slots& reference, const Slots& hypothesis) {
    for (const auto& [type, of_type] : reference) {
      const auto found = hypothesis.find(type);
      for (const std::string& value : of_type) {
        values.push_back(value);
        answers.push_back(found == hypothesis.end() ? "" : closest(value, found->second, rate_of));
      }
    }
  });
  if (values.empty()) fail("slot values: none of {} references has a slot (B-type value E-type)", references.size());
  return rate_of(values, answers);
}

struct Outcomes {
  int64_t right = 0;
  int64_t missed = 0;
  int64_t false_alarms = 0;
};

void count_edits(const Slots& reference, const Slots& hypothesis, Outcomes& outcomes) {
  for (const auto& [type, values] : reference) {
    const auto found = hypothesis.find(type);
    for (const std::string& value : values) {
      const bool type_found = found != hypothesis.end();
      const bool right = type_found && std::count(found->second.begin(), found->second.end(), value) > 0;
      outcomes.right += right;
      outcomes.missed += !right;
      outcomes.false_alarms += type_found && !right;
    }
  }
}

double f1(const Outcomes& outcomes, size_t sentences) {
  const int64_t counted = 2 * outcomes.right + outcomes.missed + outcomes.false_alarms;
  if (counted == 0) fail("slot edit F1: none of {} sentences has a slot to count (B-type value E-type)", sentences);
  return 2 * static_cast<double>(outcomes.right) / static_cast<double>(counted);
}

}  // namespace

double slot_type_f1(const Sentences& references, const Sentences& hypotheses) {
  if (references.empty()) fail("slot type F1: no sentences to average over");
  double sum = 0;
  for_each_sentence(references, hypotheses,
                    [&](const Slots& reference, const Slots& hypothesis) { sum += type_f1(reference, hypothesis); });
  return sum / static_cast<double>(references.size());
}

double slot_value_cer(const Sentences& references, const Sentences& hypotheses) {
  return slot_value_error(references, hypotheses, character_error_rate);
}

double slot_value_wer(const Sentences& references, const Sentences& hypotheses) {
  return slot_value_error(references, hypotheses, word_error_rate);
}

double slot_edit_f1_part(const Sentences& references, const Sentences& hypotheses) {
  Outcomes outcomes;
  for_each_sentence(references, hypotheses, [&](const Slots& reference, const Slots& hypothesis) {
    count_edits(reference, hypothesis, outcomes);
  });
  return f1(outcomes, references.size());
}

double slot_edit_f1_full(const Sentences& references, const Sentences& hypotheses) {
  Outcomes outcomes;
  for_each_sentence(references, hypotheses, [&](const Slots& reference, const Slots& hypothesis) {
    count_edits(reference, hypothesis, outcomes);
    for (const auto& [type, values] : hypothesis) {
      if (!reference.contains(type)) outcomes.false_alarms += static_cast<int64_t>(values.size());
    }
  });
  return f1(outcomes, references.size());
}

}  // namespace sure
