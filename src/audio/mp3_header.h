// The four bytes that start every frame of MPEG audio (ISO 11172-3, 13818-3, and «2.5»).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sure {

constexpr int64_t kMp3HeaderBytes = 4;

struct Mp3Header {
  int64_t version = 1;  // 1, 2, or 3 for 2.5
  int64_t layer = 3;
  int64_t rate = 0;  // Hz
  bool mono = false;
  int64_t bytes = 0;  // of the whole frame

  /// Of a frame, in every channel.
  int64_t samples() const;

  /// Bytes between the header and what lies behind layer III's side information: the place of "Xing".
  int64_t side_bytes() const;

  /// Whether frames of both may belong to one stream.
  bool goes_with(const Mp3Header& other) const;
};

/// Nothing for what is no such header, and for free bit rates, which have no length.
std::optional<Mp3Header> parse_mp3_header(std::string_view bytes);

}  // namespace sure
