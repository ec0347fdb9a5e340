// Doubts about the splits of a data set, to be known before a result is believed.
#pragma once

#include "data/dataset.h"

namespace sure {

/// Notes how many clips of a split are in another one too: the same file, or, when `by_content`, files with the same
/// bytes.
void note_shared_clips(Dataset& data, bool by_content);

/// Notes how many speakers of the test part are in the training part too: their voices are known to the model. Not for
/// a model that must have heard them.
void note_shared_speakers(SplitPolicy policy, Dataset& data);

/// Notes a single label, and training labels of one clip in all.
void note_poor_labels(Dataset& data);

}  // namespace sure
