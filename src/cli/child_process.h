// This program again, as a child: its memory is its own, so its peak is honest.
#pragma once

#include <string>
#include <vector>

namespace sure {

/// Runs this program with `arguments` and waits; the child's standard output goes to standard error. Returns its exit
/// code, 128 + N after signal N. Throws Error when it cannot be started.
int run_itself(const std::vector<std::string>& arguments);

}  // namespace sure
