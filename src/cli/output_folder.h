// The folder that a run writes to, and what an earlier run may have left in it.
#pragma once

#include <filesystem>

namespace sure {

/// Throws a usage Error when an earlier run's results lie in the folder, unless they may be overwritten, and an Error
/// when it is a file.
void check_output_folder(const std::filesystem::path& folder, bool overwrite);

/// Makes the folder and, when asked to, removes an earlier run's results from it. Throws Error when it cannot be made.
void make_output_folder(const std::filesystem::path& folder, bool overwrite);

}  // namespace sure
