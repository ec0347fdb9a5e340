// The frames of an MPEG audio file (layers I to III), counted: headers that tell a length are often missing or wrong.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audio/byte_file.h"

namespace sure {

struct ByteRange {
  int64_t begin = 0;
  int64_t end = 0;
};

struct Mp3Frames {
  int64_t layer = 3;
  int64_t samples_in_each = 0;
  int64_t count = 0;            // without one that only holds a header of LAME (Xing, Info) or of Fraunhofer (VBRI)
  std::vector<ByteRange> runs;  // where they lie, one after another
  int64_t promised = -1;        // frames by the header; -1 = it has none
  std::string first_header;     // the four bytes that every frame starts with, up to its bit rate
  std::string fault;            // what is missing or damaged; empty for a whole file

  /// Whether libsndfile, which believes the header or guesses, finds the right length.
  bool header_is_right() const { return promised == count && runs.size() == 1; }
};

/// Of the bytes in `range`; tags (ID3, APE, lyrics) before, between and behind the frames are left out. Nothing where
/// no frames are.
std::optional<Mp3Frames> scan_mp3(const ByteFile& file, ByteRange range);

/// A frame of silence like the others, with a header of LAME that says how many follow: before the frames, it tells a
/// decoder their length.
std::string mp3_length_frame(const Mp3Frames& frames);

}  // namespace sure
