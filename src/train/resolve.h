// A run's options with nothing left open: what the user did not choose comes from the adapter to start from, the task,
// the method, or the run that is evaluated again.
#pragma once

#include "train/init_from.h"
#include "train/run_config.h"

namespace sure {

/// The result resolves to itself. Throws a usage Error, naming the flag, for options that are missing, out of range or
/// contradict each other, and Error for an adapter or a model folder that cannot be read.
RunConfig resolve(RunConfig config, const IsGiven& is_given);

}  // namespace sure
