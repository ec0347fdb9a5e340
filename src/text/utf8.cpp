#include "text/utf8.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include "core/error.h"

namespace sure {

namespace {

constexpr utf8proc_int32_t kEndOfLatinExtendedB = 0x024F;

struct CodePoint {
  utf8proc_int32_t value;
  std::string_view bytes;
};

/// The first code point of `text`, which is not empty; an empty view where the bytes are broken.
CodePoint first_code_point(std::string_view text) {
  CodePoint point{};
  const utf8proc_ssize_t used = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                                 static_cast<utf8proc_ssize_t>(text.size()), &point.value);
  if (used > 0) point.bytes = text.substr(0, static_cast<size_t>(used));
  return point;
}

template <class Visit>
void for_each_code_point(std::string_view text, Visit&& visit) {
  for (size_t at = 0; at < text.size();) {
    const CodePoint point = first_code_point(text.substr(at));
    if (point.bytes.empty()) fail("text: broken UTF-8 at byte {}, expected UTF-8 text", at);
    visit(point);
    at += point.bytes.size();
  }
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_white_space(utf8proc_int32_t value) {
  if (value == '\t' || value == '\n' || value == '\v' || value == '\f' || value == '\r' || value == 0x85) return true;
  const utf8proc_category_t category = utf8proc_category(value);
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

void append(std::string& text, utf8proc_int32_t code_point) {
  std::array<utf8proc_uint8_t, 4> bytes{};
  const utf8proc_ssize_t size = utf8proc_encode_char(code_point, bytes.data());
  text.append(bytes.begin(), bytes.begin() + size);
}

std::string mapped(std::string_view text, utf8proc_option_t options) {
  if (is_ascii(text)) return std::string(text);
  utf8proc_uint8_t* bytes = nullptr;
  const utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                             static_cast<utf8proc_ssize_t>(text.size()), &bytes, options);
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(bytes, &std::free);
  if (size < 0) fail("text: {}, expected UTF-8 text", utf8proc_errmsg(size));
  return {reinterpret_cast<const char*>(bytes), static_cast<size_t>(size)};
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const CodePoint point = first_code_point(text);
    if (point.bytes.empty()) return false;
    text.remove_prefix(point.bytes.size());
  }
  return true;
}

std::string_view without_byte_order_mark(std::string_view text) {
  constexpr std::string_view kMark = "\xEF\xBB\xBF";
  return text.starts_with(kMark) ? text.substr(kMark.size()) : text;
}

std::string nfc(std::string_view text) {
  return mapped(text, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
}

std::string nfd(std::string_view text) {
  return mapped(text, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE));
}

std::string without_accents(std::string_view text) {
  return mapped(text, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK));
}

std::string lower_case(std::string_view text) {
  std::string lower;
  lower.reserve(text.size());
  for_each_code_point(text, [&](const CodePoint& point) { append(lower, utf8proc_tolower(point.value)); });
  return lower;
}

std::string upper_case(std::string_view text) {
  std::string upper;
  upper.reserve(text.size());
  for_each_code_point(text, [&](const CodePoint& point) { append(upper, utf8proc_toupper(point.value)); });
  return upper;
}

std::vector<std::string> characters(std::string_view text) {
  std::vector<std::string> all;
  for_each_code_point(text, [&](const CodePoint& point) { all.emplace_back(point.bytes); });
  return all;
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> all;
  bool in_word = false;
  for_each_code_point(text, [&](const CodePoint& point) {
    const bool space = is_white_space(point.value);
    if (!space && !in_word) all.emplace_back();
    if (!space) all.back() += point.bytes;
    in_word = !space;
  });
  return all;
}

std::string_view without_white_space_around(std::string_view text) {
  size_t begin = text.size(), end = 0;
  for_each_code_point(text, [&](const CodePoint& point) {
    if (is_white_space(point.value)) return;
    const auto at = static_cast<size_t>(point.bytes.data() - text.data());
    begin = std::min(begin, at);
    end = at + point.bytes.size();
  });
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

bool is_latin_letter(std::string_view character) {
  const CodePoint point = first_code_point(character);
  if (point.bytes.empty() || point.value > kEndOfLatinExtendedB) return false;
  const utf8proc_category_t category = utf8proc_category(point.value);
  return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

}  // namespace sure
