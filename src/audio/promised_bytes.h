// What the headers of audio files promise, which libsndfile and ffmpeg silently trim to what the file holds.
#pragma once

#include <cstdint>

#include "audio/byte_file.h"

namespace sure {

/// Bytes that the header promises and the file lacks: WAV in all its kinds, AIFF, AU, CAF, NIST SPHERE, AVI and ASF
/// (WMA). 0 for whole files, for those whose writer could not know the length, and for anything else.
int64_t missing_bytes(const ByteFile& file);

}  // namespace sure
