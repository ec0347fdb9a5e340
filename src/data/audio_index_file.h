// The audio index on disk: a magic number that names the version, the number of entries, the entries, and a hash of all
// of that; every number 8 bytes, little-endian.
#pragma once

#include <cstdint>
#include <filesystem>
#include <unordered_map>

namespace sure {

/// A clip's length, valid as long as its file has this size and modification time and its decoder is installed.
struct IndexedClip {
  int64_t bytes = 0;
  int64_t modified = 0;  // nanoseconds since 1970
  int64_t samples = 0;   // at 16 kHz
  int64_t flags = 0;
};

constexpr int64_t kNeedsFfmpeg = 1;   // libsndfile does not read it whole
constexpr int64_t kDecodedWhole = 2;  // not the header alone was read

/// By a hash of the clip's path.
using IndexedClips = std::unordered_map<uint64_t, IndexedClip>;

/// Replaces `clips` by those of the file; none when there is no such file. False, and none, for a file that is not
/// exactly what write_index_file wrote.
bool read_index_file(const std::filesystem::path& path, IndexedClips& clips);

/// Makes the folder and replaces the file in one step. Throws Error naming the file.
void write_index_file(const std::filesystem::path& path, const IndexedClips& clips);

}  // namespace sure
