// Corpora of read books: <speaker>/<chapter>/<clips>.
#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "data/dataset.h"

namespace sure {

/// The clips below `part` with their speakers; `see` gets every chapter's folder. Throws Error for a folder that cannot
/// be listed.
std::vector<Utterance> read_chapters(const std::filesystem::path& part,
                                     const std::function<void(const std::filesystem::path& chapter)>& see);

}  // namespace sure
