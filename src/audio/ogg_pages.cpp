// A page: "OggS", version, flags, granule position (8), serial number (4), page number (4), checksum (4), the number of
// segments, their lengths, the segments.
#include "audio/ogg_pages.h"

#include <map>
#include <numeric>

#include "core/error.h"

namespace sure {

namespace {

constexpr int64_t kHeadBytes = 27;
constexpr int64_t kMostSegments = 255;
constexpr unsigned kFirstPage = 2;
constexpr unsigned kLastPage = 4;

struct Page {
  unsigned flags = 0;
  uint32_t serial = 0;
  uint32_t number = 0;
  int64_t bytes = 0;
};

uint32_t number_at(const std::string& bytes, size_t offset) {
  uint32_t value = 0;
  for (size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[offset + i]);
  return value;
}

/// False where no whole head of a page stands.
bool read_page(const ByteFile& file, int64_t offset, Page& page) {
  const std::string head = file.bytes(offset, kHeadBytes + kMostSegments);
  if (std::ssize(head) < kHeadBytes || !head.starts_with("OggS")) return false;
  const int64_t segments = static_cast<unsigned char>(head[kHeadBytes - 1]);
  if (std::ssize(head) < kHeadBytes + segments) return false;
  page.flags = static_cast<unsigned char>(head[5]);
  page.serial = number_at(head, 14);
  page.number = number_at(head, 18);
  page.bytes = kHeadBytes + segments;
  for (int64_t i = 0; i < segments; ++i)
    page.bytes += static_cast<unsigned char>(head[static_cast<size_t>(kHeadBytes + i)]);
  return true;
}

struct Stream {
  uint32_t next = 0;
  bool ended = false;
};

}  // namespace

bool is_ogg(const ByteFile& file) { return file.has(0, "OggS"); }

OggPages scan_ogg(const ByteFile& file) {
  OggPages found;
  std::map<uint32_t, Stream> streams;
  Page page;
  for (int64_t at = 0; read_page(file, at, page); at += page.bytes) {
    if (at + page.bytes > file.size()) {
      found.fault = fmt::format("its last page lacks {} bytes", at + page.bytes - file.size());
      return found;
    }
    const bool first = (page.flags & kFirstPage) != 0;
    if (first) {
      ++found.streams;
      streams[page.serial] = {page.number, false};
    }
    Stream& stream = streams[page.serial];
    if (page.number != stream.next) {
      found.fault = fmt::format("pages {} to {} are missing", stream.next, static_cast<int64_t>(page.number) - 1);
      return found;
    }
    stream = {page.number + 1, (page.flags & kLastPage) != 0};
  }
  for (const auto& [serial, stream] : streams) {
    if (!stream.ended) found.fault = "its end is missing";
  }
  return found;
}

}  // namespace sure
