#include "data/describe.h"

#include <set>

#include "data/splits.h"
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
  summary.speakers = std::ssize(speakers_of(examples));
  for (const Example& example : examples) {
    for (const std::string& symbol : symbols_of(example.target, kind)) ++summary.symbols[symbol];
  }
  return summary;
}

}  // namespace

DatasetSummary summarise(const Dataset& data, Field field, const SecondsOf& seconds_of) {
  DatasetSummary summary;
  summary.symbol_kind = "labels";
  if (is_transcript(field)) summary.symbol_kind = data.targets_are_phonemes ? "phonemes" : "characters";
  const auto add = [&](const std::string& name, const std::vector<Example>& examples) {
    summary.splits.push_back(summarise_split(name, examples, summary.symbol_kind, seconds_of));
  };
  for (const Split split : kSplits) add(name_of(split), examples_of(data, split));
  for (const NamedPart& part : data.further) add(part.name, part.examples);
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
