// Where the samples of a WAVE file lie: RIFF, RIFX, RF64 or Sony's W64.
#pragma once

#include <cstdint>
#include <optional>

#include "audio/byte_file.h"

namespace sure {

struct WavLayout {
  int64_t format_tag = 0;   // 1 = PCM, 0x55 = MP3 …
  int64_t data_begin = 0;   // offset of the first sample
  int64_t data_bytes = -1;  // as the header says; -1 = its writer could not know
};

/// Nothing for other files, and for those that end before their samples.
std::optional<WavLayout> read_wav_layout(const ByteFile& file);

}  // namespace sure
