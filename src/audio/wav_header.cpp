// RIFF/WAVE: "RIFF" size "WAVE", then chunks of a four-byte name, a little-endian uint32 size and an even-padded body.
#include "audio/wav_header.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

namespace sure {

namespace {

// Writers to a pipe (sox, ffmpeg, espeak-ng) put a size from here up to 2^32 - 1 for "unknown".
constexpr uint32_t kUnknownSize = 0x7FFFF000;

struct Chunk {
  std::array<char, 4> name;
  uint32_t size;

  bool is(std::string_view other) const { return std::string_view(name.data(), name.size()) == other; }
};

bool read_chunk(std::istream& file, Chunk& chunk) {
  std::array<unsigned char, 4> size;
  file.read(chunk.name.data(), chunk.name.size());
  file.read(reinterpret_cast<char*>(size.data()), size.size());
  chunk.size = size[0] | size[1] << 8 | size[2] << 16 | static_cast<uint32_t>(size[3]) << 24;
  return file.good();
}

}  // namespace

int64_t missing_wav_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  Chunk chunk;
  std::array<char, 4> form;
  if (!read_chunk(file, chunk) || !chunk.is("RIFF")) return 0;
  if (!file.read(form.data(), form.size()) || std::string_view(form.data(), form.size()) != "WAVE") return 0;
  while (read_chunk(file, chunk)) {
    if (chunk.is("data")) {
      if (chunk.size >= kUnknownSize) return 0;
      const auto present = static_cast<int64_t>(std::filesystem::file_size(path)) - static_cast<int64_t>(file.tellg());
      return std::max<int64_t>(0, static_cast<int64_t>(chunk.size) - present);
    }
    file.seekg(chunk.size + (chunk.size & 1), std::ios::cur);
  }
  return 0;
}

}  // namespace sure
