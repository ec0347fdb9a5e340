#include "data/describe.h"

#include <set>

#include "data/transcripts.h"
#include "text/utf8.h"

namespace sure {

namespace {

std::vector<std::string> symbols_of(const std::string& target, const std::string& kind) {
  if (kind == "characters") return characters(target);
  if (kind == "labels") return {target};
  return split_words(target);
}

SplitSummary summarise_split(const std::string& name, const std::vector<Example>& examples, const std::string& kind,
                             const SecondsOf& seconds_of) {
  SplitSummary summary;
  summary.name = name;
  summary.clips = std::ssize(examples);
  summary.seconds = seconds_of(examples);
  std::set<std::string> speakers;
  for (const Example& example : examples) {
    if (!example.speaker.empty()) speakers.insert(example.speaker);
    for (const std::string& symbol : symbols_of(example.target, kind)) ++summary.symbols[symbol];
  }
  summary.speakers = std::ssize(speakers);
  return summary;
}

}  // namespace

DatasetSummary summarise(const Dataset& data, const std::string& task, const SecondsOf& seconds_of) {
  DatasetSummary summary;
  summary.symbol_kind = "labels";
  if (has_transcripts(task)) summary.symbol_kind = data.targets_are_phonemes ? "phonemes" : "characters";
  summary.splits = {summarise_split("train", data.train, summary.symbol_kind, seconds_of),
                    summarise_split("valid", data.valid, summary.symbol_kind, seconds_of),
                    summarise_split("test", data.test, summary.symbol_kind, seconds_of)};
  for (const NamedPart& part : data.further) {
    summary.splits.push_back(summarise_split(part.name, part.examples, summary.symbol_kind, seconds_of));
  }
  std::set<std::string> symbols;
  for (const SplitSummary& split : summary.splits) {
    for (const auto& [symbol, count] : split.symbols) symbols.insert(symbol);
  }
  summary.symbols = data.labels;
  if (summary.symbols.empty()) summary.symbols.assign(symbols.begin(), symbols.end());
  summary.languages = data.languages;
  summary.notes = data.notes;
  return summary;
}

}  // namespace sure
