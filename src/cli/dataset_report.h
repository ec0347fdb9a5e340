// A data set's summary as text and as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "data/describe.h"

namespace sure {

/// A table of the splits, the labels or characters, the notes; ends with a newline.
std::string format_summary(const DatasetSummary& summary);

/// {"splits": {"train": {"clips", "hours", "speakers", "labels": {NAME: COUNT}} …}, "labels": [NAME …], "notes": [TEXT
/// …]}; of transcripts, "characters" or "phonemes" in the place of "labels"; "languages": [NAME …] of a corpus
/// with many.
nlohmann::ordered_json summary_to_json(const DatasetSummary& summary);

}  // namespace sure
