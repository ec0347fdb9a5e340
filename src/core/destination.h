// Where an output path leads: links are followed, and what is no regular file is written through, never replaced.
#pragma once

#include <filesystem>

#include "core/descriptor.h"

namespace sure {

/// The path at the end of a chain of symbolic links, which need not be there. Throws Error for a chain that has no end.
std::filesystem::path behind_links(const std::filesystem::path& path);

/// Throws a usage Error where `output`, as `flag` says, is the file that is read: writing would destroy it.
void refuse_as_output(const char* flag, const std::filesystem::path& output, const std::filesystem::path& input);

/// An open descriptor for a device, a pipe, or a descriptor of this process (/dev/stdout, /dev/fd/N): what has to be
/// written through. None for a regular file, and where nothing is. Waits half a minute for a pipe to have a reader.
/// Throws Error for a folder and for what cannot be opened.
Descriptor open_stream(const std::filesystem::path& path);

}  // namespace sure
