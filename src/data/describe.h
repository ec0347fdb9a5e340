// A data set in numbers: for `sure inspect`.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace sure {

struct SplitSummary {
  std::string name;  // train, valid, test, and further parts of the corpus
  int64_t clips = 0;
  double seconds = 0;
  int64_t speakers = 0;  // 0 where the corpus does not name them
  /// How often each label is there; in transcripts each character or, where they are phonemes, each phoneme.
  std::map<std::string, int64_t> symbols;
};

struct DatasetSummary {
  std::vector<SplitSummary> splits;
  std::string symbol_kind;             // "labels", "characters" or "phonemes"
  std::vector<std::string> symbols;    // of all splits; labels in the corpus' own order, where it has one
  std::vector<std::string> languages;  // in the folder, of which one is used; of a corpus with many
  std::vector<std::string> notes;
};

/// Measures clips, all together.
using SecondsOf = std::function<double(const std::vector<Example>& clips)>;

/// Passes errors of `seconds_of` on. `field`: of the targets.
DatasetSummary summarise(const Dataset& data, Field field, const SecondsOf& seconds_of);

}  // namespace sure
