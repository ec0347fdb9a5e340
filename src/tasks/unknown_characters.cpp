#include "tasks/unknown_characters.h"

#include <map>

#include "core/error.h"
#include "text/counted.h"

namespace sure {

namespace {

constexpr size_t kShown = 20;

std::string describe(const std::map<std::string, int64_t>& counts) {
  std::vector<std::string> names;
  for (const auto& [character, count] : counts) names.push_back(fmt::format("'{}' {}", character, count));
  return name_some(names, kShown);
}

std::string note_on(const std::vector<Example>& examples, const char* split, const Vocabulary& vocabulary) {
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
  return fmt::format("{} transcripts: {} {} not in the vocabulary: {}; {}", split, total,
                     total == 1 ? (words ? "word is" : "character is") : (words ? "words are" : "characters are"),
                     describe(counts),
                     vocabulary.unknown() ? "each becomes " + *vocabulary.roles().unknown : "they are left out");
}

}  // namespace

void note_unknown_characters(Dataset& data, const Vocabulary& vocabulary) {
  const std::pair<const char*, std::vector<Example>*> splits[] = {
      {"training", &data.train}, {"validation", &data.valid}, {"test", &data.test}};
  const auto has_no_token = [&](const Example& example) {
    int64_t unknown = 0;
    return vocabulary.encode(example.target, unknown).empty();
  };
  size_t dropped = 0;
  for (const auto& [name, examples] : splits) {
    const std::string note = note_on(*examples, name, vocabulary);
    if (!note.empty()) data.notes.push_back(note);
    dropped += std::erase_if(*examples, has_no_token);
  }
  if (dropped > 0) {
    data.notes.push_back(fmt::format("{} {} a transcript of which nothing is in the vocabulary: left out", dropped,
                                     dropped == 1 ? "clip has" : "clips have"));
  }
  if (dropped > 0 && data.train.empty())
    fail("no training transcript has anything that is in the vocabulary: nothing to train on");
}

}  // namespace sure
