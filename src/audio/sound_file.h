// An audio file opened by libsndfile, with what is wrong with it said in our words.
#pragma once

#include <sndfile.h>

#include <filesystem>
#include <memory>

namespace sure {

using SoundFile = std::unique_ptr<SNDFILE, decltype(&sf_close)>;

/// Opens `path` and fills `info`; `info.frames` is SF_COUNT_MAX for streams whose header does not know their length.
/// Throws Error, naming the file: missing, not a file, not audio, cut short (as far as a header tells), without
/// samples.
SoundFile open_sound_file(const std::filesystem::path& path, SF_INFO& info);

}  // namespace sure
