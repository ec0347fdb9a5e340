#include "formats/png.h"

#include <zlib.h>

#include "core/error.h"

namespace sure {

namespace {

std::string big_endian(uint64_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(value >> shift & 0xFFU));
  return bytes;
}

const Bytef* bytes_of(const std::string& text) { return reinterpret_cast<const Bytef*>(text.data()); }

/// Length, type, data, CRC of the last two.
std::string chunk(const std::string& type, const std::string& data) {
  const std::string body = type + data;
  return big_endian(data.size()) + body + big_endian(::crc32(0, bytes_of(body), static_cast<uInt>(body.size())));
}

std::string deflated(const std::string& data) {
  uLongf size = ::compressBound(data.size());
  std::string packed(size, '\0');
  const int result = ::compress(reinterpret_cast<Bytef*>(packed.data()), &size, bytes_of(data), data.size());
  if (result != Z_OK) fail("zlib cannot pack a picture (error {})", result);
  packed.resize(size);
  return packed;
}

}  // namespace

std::string to_png(const std::vector<Colour>& pixels, int64_t width, int64_t height) {
  std::string rows;
  for (int64_t y = 0; y < height; ++y) {
    rows.push_back('\0');  // not filtered
    for (int64_t x = 0; x < width; ++x) {
      const Colour& pixel = pixels.at(static_cast<size_t>(y * width + x));
      for (const uint8_t part : {pixel.red, pixel.green, pixel.blue}) rows.push_back(static_cast<char>(part));
    }
  }
  const std::string rgb_of_8_bits("\x08\x02\x00\x00\x00", 5);
  const std::string header = big_endian(static_cast<uint64_t>(width)) + big_endian(static_cast<uint64_t>(height));
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header + rgb_of_8_bits) + chunk("IDAT", deflated(rows)) +
         chunk("IEND", "");
}

}  // namespace sure
