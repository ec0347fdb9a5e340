// Which characters of transcripts a model cannot write.
#pragma once

#include "data/dataset.h"
#include "text/vocabulary.h"

namespace sure {

/// Adds a note for each split of `data`, whose targets are prepared, that holds characters, or words where tokens are
/// words, that are none of the vocabulary's: how many and which. Clips of whose transcript nothing is left are left out
/// with a note. Throws Error when no training clip is left.
void note_unknown_characters(Dataset& data, const Vocabulary& vocabulary);

}  // namespace sure
