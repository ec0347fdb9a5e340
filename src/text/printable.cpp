#include "text/printable.h"

#include <fmt/format.h>
#include <utf8proc.h>

#include <algorithm>

namespace sure {

namespace {

constexpr std::string_view kEllipsis = "…";

struct Piece {
  utf8proc_int32_t value;  // negative: a byte that begins no character
  std::string_view bytes;
};

Piece first_piece(std::string_view text) {
  Piece piece{};
  const utf8proc_ssize_t used = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                                 static_cast<utf8proc_ssize_t>(text.size()), &piece.value);
  piece.bytes = text.substr(0, used > 0 ? static_cast<size_t>(used) : 1);
  if (used <= 0) piece.value = -1;
  return piece;
}

template <class Visit>
void for_each_piece(std::string_view text, Visit&& visit) {
  while (!text.empty()) {
    const Piece piece = first_piece(text);
    visit(piece);
    text.remove_prefix(piece.bytes.size());
  }
}

/// Line and paragraph separators, and what embeds, overrides or isolates a direction of writing.
bool is_layout(utf8proc_int32_t value) {
  return (value >= 0x2028 && value <= 0x202E) || (value >= 0x2066 && value <= 0x2069);
}

/// Soft hyphen, zero-width space, word joiner, byte order mark: nobody sees them, nor why two texts differ.
bool is_invisible(utf8proc_int32_t value) {
  return value == 0xAD || value == 0x200B || value == 0x2060 || value == 0xFEFF;
}

bool is_hidden(utf8proc_int32_t value) {
  return value < 0x20 || (value >= 0x7F && value <= 0x9F) || is_layout(value) || is_invisible(value);
}

std::string escaped(const Piece& piece) {
  switch (piece.value) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      break;
  }
  if (piece.value < 0) return fmt::format("\\x{:02x}", static_cast<unsigned char>(piece.bytes.front()));
  return piece.value < 0x80 ? fmt::format("\\x{:02x}", piece.value) : fmt::format("\\u{:04x}", piece.value);
}

size_t columns_of(const Piece& piece) {
  return piece.value < 0 ? 1 : static_cast<size_t>(std::max(0, utf8proc_charwidth(piece.value)));
}

/// How many bytes of `text` fit into `most` columns, at least one character. Looks no farther than that.
size_t bytes_that_fit(std::string_view text, size_t most) {
  size_t bytes = 0;
  for (size_t columns = 0; bytes < text.size();) {
    const Piece piece = first_piece(text.substr(bytes));
    columns += columns_of(piece);
    if (bytes > 0 && columns > most) break;
    bytes += piece.bytes.size();
  }
  return bytes;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string result;
  for_each_piece(text, [&](const Piece& piece) {
    if (is_hidden(piece.value)) {
      result += escaped(piece);
    } else {
      result += piece.bytes;
    }
  });
  return result;
}

std::string printable_lines(std::string_view text) {
  std::string result;
  for (size_t end = text.find('\n'); end != text.npos; end = text.find('\n')) {
    result += printable(text.substr(0, end)) + '\n';
    text.remove_prefix(end + 1);
  }
  return result + printable(text);
}

std::string printable_json(std::string_view json) {
  std::string result;
  for_each_piece(json, [&](const Piece& piece) {
    if (piece.value >= 0x7F && is_hidden(piece.value)) {
      result += fmt::format("\\u{:04x}", piece.value);
    } else {
      result += piece.bytes;
    }
  });
  return result;
}

size_t columns_of(std::string_view text) {
  size_t columns = 0;
  for_each_piece(text, [&](const Piece& piece) { columns += columns_of(piece); });
  return columns;
}

std::string cut_to_columns(std::string_view text, size_t most) {
  if (columns_of(text) <= most) return std::string(text);
  if (most < 2) return std::string(kEllipsis);
  return std::string(text.substr(0, bytes_that_fit(text, most - 1))) + std::string(kEllipsis);
}

std::string pad_right(std::string_view text, size_t columns) {
  return std::string(text) + std::string(columns - std::min(columns, columns_of(text)), ' ');
}

std::string pad_left(std::string_view text, size_t columns) {
  return std::string(columns - std::min(columns, columns_of(text)), ' ') + std::string(text);
}

std::vector<std::string> wrap(std::string_view text, size_t most) {
  std::vector<std::string> lines;
  for (size_t fitting = 0; (fitting = bytes_that_fit(text, most)) < text.size();) {
    const size_t space = text.substr(0, fitting + 1).rfind(' ');
    const size_t end = space == text.npos || space == 0 ? fitting : space;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + (end == space ? 1 : 0), text.size()));
  }
  if (!text.empty() || lines.empty()) lines.emplace_back(text);
  return lines;
}

}  // namespace sure
