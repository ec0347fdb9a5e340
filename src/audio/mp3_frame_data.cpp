#include "audio/mp3_frame_data.h"

#include <algorithm>
#include <cstdint>

namespace sure {

namespace {

constexpr size_t kFarthestBegin = 511;              // bytes before a frame's own data where its samples may begin
constexpr unsigned kMostBigValues = 288;            // half of a granule's 576 values
constexpr std::string_view::size_type kZeros = 64;  // no code for samples is so many bytes of zeros

/// The most significant bit comes first.
class Bits {
 public:
  explicit Bits(std::string_view bytes) : bytes_(bytes) {}

  unsigned take(int64_t count) {
    unsigned value = 0;
    for (; count > 0; --count, ++at_) {
      value = value << 1 | (static_cast<unsigned char>(bytes_[static_cast<size_t>(at_ / 8)]) >> (7 - at_ % 8) & 1U);
    }
    return value;
  }

  void skip(int64_t count) { at_ += count; }

 private:
  std::string_view bytes_;
  int64_t at_ = 0;
};

struct SideInfo {
  size_t begin = 0;  // bytes before the frame's own data
  int64_t bits = 0;  // of the coded samples
  bool possible = true;
};

SideInfo read_side_info(std::string_view bytes, const Mp3Header& header) {
  const bool first_version = header.version == 1;
  const int64_t channels = header.mono ? 1 : 2, granules = first_version ? 2 : 1;
  Bits bits(bytes);
  SideInfo side;
  side.begin = bits.take(first_version ? 9 : 8);
  bits.skip(first_version ? (header.mono ? 5 : 3) + 4 * channels : channels);
  for (int64_t part = 0; part < granules * channels; ++part) {
    side.bits += bits.take(12);
    if (bits.take(9) > kMostBigValues) side.possible = false;
    bits.skip(first_version ? 38 : 42);
  }
  return side;
}

}  // namespace

bool Mp3FrameData::take(std::string_view frame, const Mp3Header& header) {
  const bool has_checksum = (static_cast<unsigned char>(frame[1]) & 1U) == 0;
  const auto side_at = static_cast<size_t>(kMp3HeaderBytes + (has_checksum ? 2 : 0));
  const auto data_at = side_at + static_cast<size_t>(header.side_bytes());
  if (frame.size() < data_at) return false;
  const SideInfo side = read_side_info(frame.substr(side_at), header);
  const size_t known = before_.size();
  before_ += frame.substr(data_at);
  const auto coded = static_cast<size_t>(side.bits + 7) / 8;
  bool good = side.possible && coded <= side.begin + frame.size() - data_at;
  if (good && side.begin <= known) {
    const std::string_view samples = std::string_view(before_).substr(known - side.begin, coded);
    good = samples.find(std::string(kZeros, '\0')) == std::string_view::npos;
  }
  before_.erase(0, before_.size() - std::min(before_.size(), kFarthestBegin));
  return good;
}

}  // namespace sure
