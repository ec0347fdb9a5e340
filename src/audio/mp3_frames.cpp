#include "audio/mp3_frames.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "audio/mp3_frame_data.h"
#include "audio/mp3_header.h"
#include "core/error.h"

namespace sure {

namespace {

constexpr int64_t kSearchBytes = 1 << 16;
constexpr int64_t kLongestHead = 200;
constexpr int64_t kId3Head = 10;
constexpr int64_t kLongestTagName = 16;
constexpr std::array<std::string_view, 4> kTags = {"ID3", "TAG", "APETAGEX", "LYRICSBEGIN"};

bool starts_tag(std::string_view bytes) {
  return std::any_of(kTags.begin(), kTags.end(), [&](std::string_view tag) { return bytes.starts_with(tag); });
}

int64_t big_endian(std::string_view bytes, size_t offset) {
  int64_t value = 0;
  for (size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[offset + i]);
  return value;
}

class Scan {
 public:
  Scan(const ByteFile& file, ByteRange range) : file_(file), end_(std::min(range.end, file.size())), at_(range.begin) {}

  std::optional<Mp3Frames> run() {
    at_ = behind_id3(at_);
    const int64_t first = find_frame(at_, at_ + kSearchBytes);
    if (first < 0) return std::nullopt;
    at_ = first;
    like_ = header_at(first);
    found_.layer = like_->layer;
    found_.samples_in_each = like_->samples();
    found_.first_header = file_.bytes(first, kMp3HeaderBytes);
    take_length_frame();
    while (found_.fault.empty() && at_ < end_) {
      if (!take_run()) skip_gap();
    }
    check_promise();
    return found_;
  }

 private:
  std::optional<Mp3Header> header_at(int64_t offset) const {
    return parse_mp3_header(file_.bytes(offset, std::min(kMp3HeaderBytes, end_ - offset)));
  }

  /// A tag's length is in its head, seven bits a byte.
  int64_t behind_id3(int64_t offset) const {
    while (file_.has(offset, "ID3")) {
      const std::string head = file_.bytes(offset, kId3Head);
      if (std::ssize(head) < kId3Head) return end_;
      int64_t length = 0;
      for (size_t i = 6; i < 10; ++i) length = length << 7 | (static_cast<unsigned char>(head[i]) & 0x7F);
      offset += kId3Head + length;
    }
    return offset;
  }

  /// The first place from `offset` on, before `limit`, where a frame starts that another follows or that ends the
  /// file; -1 = there is none.
  int64_t find_frame(int64_t offset, int64_t limit) const {
    limit = std::min(limit, end_);
    for (int64_t block = offset; block < limit; block += kSearchBytes) {
      const std::string bytes = file_.bytes(block, std::min(kSearchBytes + kMp3HeaderBytes - 1, end_ - block));
      for (size_t i = bytes.find('\xFF'); i < static_cast<size_t>(kSearchBytes); i = bytes.find('\xFF', i + 1)) {
        const int64_t place = block + static_cast<int64_t>(i);
        if (place >= limit) return -1;
        const auto header = parse_mp3_header(std::string_view(bytes).substr(i));
        if (header && continues_at(place + header->bytes, *header)) return place;
      }
    }
    return -1;
  }

  bool continues_at(int64_t offset, const Mp3Header& before) const {
    if (offset >= end_) return offset == end_;
    const auto header = header_at(offset);
    return (header && header->goes_with(before)) || starts_tag(file_.bytes(offset, kLongestTagName));
  }

  struct LengthFrame {
    int64_t frames = -1;
    int64_t end = -1;  // place in the file
  };

  /// LAME's header: "Xing" or "Info", flags, the number of frames, the number of bytes. Fraunhofer's stands elsewhere.
  std::optional<LengthFrame> length_frame_at(int64_t offset, const Mp3Header& header) const {
    if (header.layer != 3) return std::nullopt;
    const std::string head = file_.bytes(offset, std::min(kLongestHead, header.bytes));
    const auto xing = static_cast<size_t>(kMp3HeaderBytes + header.side_bytes());
    constexpr size_t kVbri = kMp3HeaderBytes + 32;
    const bool has_xing =
        head.size() >= xing + 16 && (head.compare(xing, 4, "Xing") == 0 || head.compare(xing, 4, "Info") == 0);
    if (!has_xing && head.compare(std::min(kVbri, head.size()), 4, "VBRI") != 0) return std::nullopt;
    LengthFrame found;
    if (has_xing) {
      const int64_t flags = big_endian(head, xing + 4);
      if ((flags & 1) != 0) found.frames = big_endian(head, xing + 8);
      if ((flags & 3) == 3) found.end = offset + big_endian(head, xing + 12);
    }
    return found;
  }

  void take_length_frame() {
    const auto length = length_frame_at(at_, *like_);
    if (!length) return;
    found_.promised = length->frames;
    promised_end_ = length->end;
    at_ += like_->bytes;
  }

  /// Frames that follow one another; false where none starts.
  bool take_run() {
    const int64_t begin = at_;
    Mp3FrameData data;
    for (auto header = header_at(at_); header && header->goes_with(*like_); header = header_at(at_)) {
      if (at_ + header->bytes > end_) {
        found_.fault = fmt::format("its last frame lacks {} bytes", at_ + header->bytes - end_);
        return true;
      }
      if (header->layer == 3 && !data.take(file_.bytes(at_, header->bytes), *header)) {
        found_.fault = fmt::format("the frame at byte {} holds what no encoder writes", at_);
        return true;
      }
      at_ += header->bytes;
      ++found_.count;
      if (at_ >= end_) break;
    }
    if (at_ == begin) return false;
    found_.runs.push_back({begin, at_});
    return true;
  }

  /// Between two runs only tags may lie, and zeros before another file; behind the last anything that is no frame.
  void skip_gap() {
    const int64_t next = find_frame(std::max(at_ + 1, behind_id3(at_)), end_);
    if (const auto header = header_at(at_); header || (next >= 0 && !header_at(next)->goes_with(*like_))) {
      found_.fault = fmt::format("from byte {} on its frames are of another kind", header ? at_ : next);
    } else if (next >= 0 && !lies_between_files(next)) {
      found_.fault = fmt::format("{} bytes from byte {} on are no frames", next - at_, at_);
    }
    at_ = next < 0 ? end_ : next;
  }

  bool lies_between_files(int64_t next) const {
    const int64_t filled = behind_zeros(at_, next);
    if (filled == next) return length_frame_at(next, *header_at(next)).has_value();
    return starts_tag(file_.bytes(filled, kLongestTagName));
  }

  int64_t behind_zeros(int64_t offset, int64_t limit) const {
    for (; offset < limit; offset += kSearchBytes) {
      const std::string bytes = file_.bytes(offset, std::min(kSearchBytes, limit - offset));
      const size_t filled = bytes.find_first_not_of('\0');
      if (filled != std::string::npos) return offset + static_cast<int64_t>(filled);
    }
    return limit;
  }

  void check_promise() {
    // Some writers count the frame with the header, too.
    const int64_t missing = found_.promised - found_.count;
    if (!found_.fault.empty() || (missing <= 1 && promised_end_ <= end_)) return;
    found_.fault = missing > 1 ? fmt::format("{} of its {} frames are missing", missing, found_.promised)
                               : fmt::format("its last {} bytes are missing", promised_end_ - end_);
  }

  const ByteFile& file_;
  const int64_t end_;
  int64_t at_;
  int64_t promised_end_ = -1;
  std::optional<Mp3Header> like_;
  Mp3Frames found_;
};

}  // namespace

std::optional<Mp3Frames> scan_mp3(const ByteFile& file, ByteRange range) { return Scan(file, range).run(); }

std::string mp3_length_frame(const Mp3Frames& frames) {
  constexpr unsigned kBitRateIndex = 9;  // long enough for the header in every version
  std::string bytes = frames.first_header;
  bytes[1] = static_cast<char>(static_cast<unsigned char>(bytes[1]) | 1U);  // no checksum
  bytes[2] = static_cast<char>((static_cast<unsigned char>(bytes[2]) & 0x0CU) | kBitRateIndex << 4);
  const Mp3Header header = parse_mp3_header(bytes).value();
  bytes.resize(static_cast<size_t>(header.bytes), '\0');
  const auto xing = static_cast<size_t>(kMp3HeaderBytes + header.side_bytes());
  bytes.replace(xing, 8, std::string_view("Xing\0\0\0\1", 8));
  for (size_t i = 0; i < 4; ++i) bytes[xing + 8 + i] = static_cast<char>(frames.count >> (24 - 8 * i) & 0xFF);
  return bytes;
}

}  // namespace sure
