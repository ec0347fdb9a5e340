#include "tasks/unknown_targets.h"

#include <algorithm>
#include <map>

#include "core/error.h"
#include "data/splits.h"
#include "text/counted.h"

namespace sure {

namespace {

constexpr size_t kNamed = 5;

/// Words for the missing answer, for one clip and for several.
struct Lack {
  const char* one;
  const char* several;
};

constexpr Lack kLabels = {"a label that the model does not know", "labels that the model does not know"};
constexpr Lack kTranscripts = {"a transcript of which the model knows no character",
                               "transcripts of which the model knows no character"};

bool can_encode(const Objective& objective, const std::string& target) {
  try {
    objective.encode(target);
    return true;
  } catch (const Error&) {
    return false;
  }
}

/// How many clips have each target that the model cannot give.
std::map<std::string, int64_t> count_unknown(const Objective& objective, const std::vector<Example>& examples) {
  std::map<std::string, int64_t> clips;
  for (const Example& example : examples) ++clips[example.target];
  std::erase_if(clips, [&](const auto& target) { return can_encode(objective, target.first); });
  return clips;
}

/// "bird 12, cow 3", the most frequent first.
std::string name_counts(const std::map<std::string, int64_t>& clips) {
  std::vector<std::pair<std::string, int64_t>> sorted(clips.begin(), clips.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> names;
  for (const auto& [target, count] : sorted) names.push_back(fmt::format("{} {}", target, with_commas(count)));
  return name_some(names, kNamed);
}

constexpr size_t kShown = 20;

std::string describe(const std::map<std::string, int64_t>& counts) {
  std::vector<std::string> names;
  for (const auto& [character, count] : counts) names.push_back(fmt::format("'{}' {}", character, count));
  return name_some(names, kShown);
}

std::string note_on(const std::vector<Example>& examples, Split split, const Vocabulary& vocabulary) {
  std::map<std::string, int64_t> counts;
  int64_t total = 0;
  for (const Example& example : examples) {
    for (const std::string& unknown : vocabulary.unknown_in(example.target)) {
      ++counts[unknown];
      ++total;
    }
  }
  if (total == 0) return "";
  const bool words = vocabulary.roles().words;
  return fmt::format("{} transcripts: {} {} not in the vocabulary: {}; {}", adjective_of(split), total,
                     total == 1 ? (words ? "word is" : "character is") : (words ? "words are" : "characters are"),
                     describe(counts),
                     vocabulary.unknown() ? "each becomes " + *vocabulary.roles().unknown : "they are left out");
}

}  // namespace

std::string leave_out_unknown_targets(const Task& task, const Labels& labels, const Objective& objective,
                                      std::vector<Example>& examples) {
  const std::map<std::string, int64_t> unknown = count_unknown(objective, examples);
  if (unknown.empty()) return "";
  const std::string all = counted(std::ssize(examples), "clip");
  const auto left_out = static_cast<int64_t>(
      std::erase_if(examples, [&](const Example& example) { return unknown.contains(example.target); }));
  const bool transcripts = task.output == OutputKind::transcript;
  const Lack& lack = transcripts ? kTranscripts : kLabels;
  if (examples.empty()) {
    fail("no clip is left to measure: {} with {} ({}){}", all, lack.one, name_counts(unknown),
         transcripts ? "" : "; it knows " + name_some(labels, kNamed));
  }
  if (left_out == 1) return fmt::format("1 of {} has {}: {}; it is left out", all, lack.one, name_counts(unknown));
  return fmt::format("{} of {} have {}: {}; they are left out", with_commas(left_out), all, lack.several,
                     name_counts(unknown));
}

void note_unknown_characters(Dataset& data, const Vocabulary& vocabulary) {
  const auto has_no_token = [&](const Example& example) {
    int64_t unknown = 0;
    return vocabulary.encode(example.target, unknown).empty();
  };
  size_t dropped = 0;
  for (const Split split : kSplits) {
    std::vector<Example>& examples = examples_of(data, split);
    const std::string note = note_on(examples, split, vocabulary);
    if (!note.empty()) data.notes.push_back(note);
    dropped += std::erase_if(examples, has_no_token);
  }
  if (dropped > 0) {
    data.notes.push_back(fmt::format("{} {} a transcript of which nothing is in the vocabulary: left out", dropped,
                                     dropped == 1 ? "clip has" : "clips have"));
  }
  if (dropped > 0 && data.train.empty())
    fail("no training transcript has anything that is in the vocabulary: nothing to train on");
}

}  // namespace sure
