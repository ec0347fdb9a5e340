// Every file below a data folder, so that none vanishes in silence: clips, audio that cannot be read here, others.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace sure {

struct FileAccount {
  std::vector<std::filesystem::path> clips;       // audio that can be read, sorted
  std::vector<std::filesystem::path> unreadable;  // audio that needs ffmpeg, which is not installed
  std::vector<std::filesystem::path> others;
};

/// All files in `folder` and the folders below it. Throws Error when one cannot be listed.
FileAccount account_for(const std::filesystem::path& folder);

/// "70 files: 60 clips, 10 not readable (.m4a): install ffmpeg", "; 3 other files (.txt, .csv)"; empty where all files
/// are clips. `left_out`: clips among them that lie where no label is.
std::string describe_account(const FileAccount& files, size_t left_out = 0);

/// Takes clips out that need ffmpeg where there is none; returns a note about them, empty for none. Throws Error for a
/// label that loses all its clips, unless targets are `transcripts`.
std::string leave_out_unreadable(Dataset& data, bool transcripts);

/// ".m4a, .wma": the different extensions, in lower case; "no extension" for files without one.
std::string list_extensions(const std::vector<std::filesystem::path>& files);

}  // namespace sure
