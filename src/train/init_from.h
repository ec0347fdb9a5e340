// --init_from: a run that starts from an adapter follows its options.
#pragma once

#include <functional>
#include <string>

#include "model/adapter_folder.h"
#include "train/run_config.h"

namespace sure {

/// Whether the user gave the flag.
using IsGiven = std::function<bool(const std::string& flag)>;

/// Takes backbone, method and its options, head and transcript options from `start` where the user gave none. Throws a
/// usage Error for a method or an option of it that the user wants otherwise.
void follow(const SavedAdapter& start, RunConfig& config, const IsGiven& is_given);

}  // namespace sure
