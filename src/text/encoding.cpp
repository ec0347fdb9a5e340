#include "text/encoding.h"

#include <utf8proc.h>

#include <array>
#include <cstdint>

#include "core/error.h"
#include "text/utf8.h"

namespace sure {

namespace {

constexpr std::string_view kLittleEndianMark = "\xFF\xFE";
constexpr std::string_view kBigEndianMark = "\xFE\xFF";

bool is_high_surrogate(uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low_surrogate(uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

/// UTF-16 code units of a text.
class Units {
 public:
  Units(std::string_view bytes, bool little_endian) : bytes_(bytes), low_(little_endian ? 0 : 1) {}

  size_t size() const { return bytes_.size() / 2; }

  uint32_t operator[](size_t i) const { return byte(2 * i + low_) | byte(2 * i + 1 - low_) << 8; }

 private:
  uint32_t byte(size_t i) const { return static_cast<unsigned char>(bytes_[i]); }

  std::string_view bytes_;
  size_t low_;  // which of a unit's bytes is the low one
};

void append(std::string& text, uint32_t code_point) {
  std::array<utf8proc_uint8_t, 4> bytes;
  const utf8proc_ssize_t size = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code_point), bytes.data());
  text.append(reinterpret_cast<const char*>(bytes.data()), static_cast<size_t>(size));
}

std::string from_utf16(std::string_view bytes, bool little_endian, const std::string& source) {
  if (bytes.size() % 2 != 0) fail("{}: UTF-16 text of {} bytes, expected an even number", source, bytes.size());
  const Units units(bytes, little_endian);
  std::string text;
  for (size_t i = 0; i < units.size(); ++i) {
    const uint32_t unit = units[i];
    if (!is_high_surrogate(unit) && !is_low_surrogate(unit)) {
      append(text, unit);
    } else if (is_high_surrogate(unit) && i + 1 < units.size() && is_low_surrogate(units[i + 1])) {
      append(text, 0x10000 + ((unit - 0xD800) << 10) + (units[++i] - 0xDC00));
    } else {
      fail("{}: UTF-16 text with half a character (unit {:04X} at {}), expected pairs of surrogates", source, unit, i);
    }
  }
  return text;
}

}  // namespace

bool is_utf16(std::string_view bytes) {
  return bytes.starts_with(kLittleEndianMark) || bytes.starts_with(kBigEndianMark);
}

std::string utf16_to_utf8(std::string bytes, const std::string& source) {
  if (!is_utf16(bytes)) return bytes;
  return from_utf16(std::string_view(bytes).substr(2), bytes.starts_with(kLittleEndianMark), source);
}

std::string to_utf8(std::string_view bytes, const std::string& source) {
  if (is_utf16(bytes)) return utf16_to_utf8(std::string(bytes), source);
  bytes = without_byte_order_mark(bytes);
  if (!is_utf8(bytes)) {
    fail(
        "{}: bytes that are neither UTF-8 nor UTF-16 with a byte order mark; convert the file, as in iconv -f GB18030 "
        "-t UTF-8 (Chinese) or iconv -f WINDOWS-1252 -t UTF-8 (Western)",
        source);
  }
  return std::string(bytes);
}

}  // namespace sure
