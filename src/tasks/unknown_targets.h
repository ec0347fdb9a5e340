// Clips whose targets a model cannot answer with: labels that it was not trained on, characters that it cannot write.
#pragma once

#include "tasks/task.h"

namespace sure {

/// Takes them out of `examples` and says so, as in «12 of 60 clips have labels that the model does not know: bird 12;
/// they are left out»; empty when there are none. Throws Error when no clip is left.
std::string leave_out_unknown_targets(const Task& task, const Labels& labels, const Objective& objective,
                                      std::vector<Example>& examples);

/// Adds a note for each split of `data`, whose targets are prepared, that holds characters, or words where tokens are
/// words, that are none of the vocabulary's: how many and which. Clips of whose transcript nothing is left are left out
/// with a note. Throws Error when no training clip is left.
void note_unknown_characters(Dataset& data, const Vocabulary& vocabulary);

}  // namespace sure
