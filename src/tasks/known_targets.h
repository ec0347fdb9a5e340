// Clips whose targets a model cannot answer with: labels that it was not trained on.
#pragma once

#include <string>
#include <vector>

#include "data/dataset.h"
#include "tasks/task.h"

namespace sure {

/// Takes them out of `examples` and says so, as in «12 of 60 clips have labels that the model does not know: bird 12;
/// they are left out»; empty when there are none. Throws Error when no clip is left.
std::string leave_out_unknown_targets(const Task& task, const Labels& labels, const Objective& objective,
                                      std::vector<Example>& examples);

}  // namespace sure
