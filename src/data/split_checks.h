// What a person should know about the splits of a data set before believing a result.
#pragma once

#include "data/dataset.h"

namespace sure {

/// Notes how many clips of a split are in another one too: the same file, or, when `by_content`, files with the same
/// bytes.
void note_shared_clips(Dataset& data, bool by_content);

/// Notes how many speakers of the test part are in the training part too: their voices are known to the model. Not for
/// the task `speaker`, whose model must have heard them.
void note_shared_speakers(const std::string& task, Dataset& data);

/// Notes a single label, and training labels of one clip in all.
void note_poor_labels(Dataset& data);

}  // namespace sure
