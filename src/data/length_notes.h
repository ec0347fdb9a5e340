// Notes for the user on how clips' lengths and a model's batches fit together.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/batch.h"

namespace sure {

/// `samples` at 16 kHz of each clip, as it lies on disk: "cut to 2.5 s: 34 of 60 clips are longer", "padded to 2.5 s: 3
/// of 60 clips are shorter", and where nothing is cut, whole clips so long that they cost memory. Empty where there is
/// nothing to say.
std::vector<std::string> length_notes(const std::vector<int64_t>& samples, const CollateOptions& collate);

/// The first of these alone, where so many of the clips are longer.
std::string cut_note(int64_t max_samples, int64_t longer, int64_t clips);

}  // namespace sure
