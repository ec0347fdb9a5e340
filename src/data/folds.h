// Cross-validation: every clip is tested once, by a model that has not heard it, nor its speaker where one is named.
#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"

namespace sure {

/// Throws a usage Error unless `folds` is empty, "speaker" or a number from 2 on, and names no other split beside it.
void check_folds(const DataOptions& options);

/// The clips that are spread over the folds: all of the three splits and those in none; where splits are official only
/// the clips that may be trained on, which is noted.
std::vector<Example> clips_to_fold(Dataset& data, bool official_splits);

/// The folds of these clips: for "speaker" the speakers' names, else "1" … "k". Throws a usage Error for fewer
/// speakers, or groups of clips that stay together, than folds.
std::vector<std::string> fold_names(const std::vector<Example>& clips, const DataOptions& options, SplitPolicy policy);

/// Makes fold number options.fold (from 1) the test part and the others the training part; there is no validation part.
/// Clips of one speaker stay together, except where they must be heard in training; otherwise labels are spread evenly.
void take_fold(Dataset& data, const DataOptions& options, SplitPolicy policy, bool official_splits);

}  // namespace sure
