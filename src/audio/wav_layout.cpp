// RIFF: "RIFF" size "WAVE", then chunks of a four-byte name, a little-endian uint32 size and an even-padded body. RIFX
// is the same with big-endian numbers; in RF64 the chunk "ds64" holds the sizes that 32 bits do not; in W64 names are
// GUIDs that start with the same letters, and sizes have 64 bits, count the chunk's own head, and are padded to 8.
#include "audio/wav_layout.h"

#include <algorithm>
#include <string_view>

namespace sure {

namespace {

// Writers to a pipe (sox, ffmpeg, espeak-ng) put a size from here up to 2^32 - 1 for "unknown".
constexpr int64_t kUnknownSize = 0x7FFFF000;
constexpr std::string_view kW64Riff("riff\x2E\x91\xCF\x11\xA5\xD6\x28\xDB\x04\xC1\x00\x00", 16);
constexpr int64_t kW64ChunkHead = 24;

struct Flavour {
  std::string_view magic;
  int64_t first_chunk;
  int64_t name_bytes;
  int64_t size_bytes;
  int64_t alignment;
  bool big_endian;
};

constexpr Flavour kFlavours[] = {{"RIFF", 12, 4, 4, 2, false},
                                 {"RIFX", 12, 4, 4, 2, true},
                                 {"RF64", 12, 4, 4, 2, false},
                                 {"BW64", 12, 4, 4, 2, false},
                                 {kW64Riff, 40, 16, 8, 8, false}};

std::optional<int64_t> number(const ByteFile& file, const Flavour& flavour, int64_t offset, int64_t width) {
  return flavour.big_endian ? file.big_endian(offset, width) : file.little_endian(offset, width);
}

const Flavour* find_flavour(const ByteFile& file) {
  for (const Flavour& flavour : kFlavours) {
    const int64_t form = flavour.first_chunk - flavour.name_bytes;
    if (file.has(0, flavour.magic) && (file.has(form, "WAVE") || file.has(form, "wave"))) return &flavour;
  }
  return nullptr;
}

}  // namespace

std::optional<WavLayout> read_wav_layout(const ByteFile& file) {
  const Flavour* flavour = find_flavour(file);
  if (flavour == nullptr) return std::nullopt;
  const bool is_w64 = flavour->size_bytes == 8;
  WavLayout layout;
  std::optional<int64_t> long_size;
  for (int64_t at = flavour->first_chunk;;) {
    const int64_t body = at + flavour->name_bytes + flavour->size_bytes;
    std::optional<int64_t> size = number(file, *flavour, at + flavour->name_bytes, flavour->size_bytes);
    if (!size) return std::nullopt;
    if (is_w64) size = std::max<int64_t>(0, *size - kW64ChunkHead);
    if (file.has(at, "ds64")) long_size = number(file, *flavour, body + 8, 8);
    if (file.has(at, "fmt ")) layout.format_tag = number(file, *flavour, body, 2).value_or(0);
    if (file.has(at, "data")) {
      layout.data_begin = body;
      if (long_size && *long_size > 0) size = long_size;
      const bool known = is_w64 || long_size ? *size <= INT64_MAX / 2 : *size < kUnknownSize;
      layout.data_bytes = known ? *size : -1;
      return layout;
    }
    if (*size > file.size()) return std::nullopt;
    at = body + (*size + flavour->alignment - 1) / flavour->alignment * flavour->alignment;
  }
}

}  // namespace sure
