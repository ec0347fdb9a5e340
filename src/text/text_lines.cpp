#include "text/text_lines.h"

#include <algorithm>
#include <utility>

#include "core/atomic_file.h"
#include "core/error.h"
#include "text/encoding.h"
#include "text/line_ends.h"
#include "text/utf8.h"

namespace sure {

namespace {

constexpr std::string_view kSpaces = " \t\r";
constexpr size_t kMaxQuoted = 80;

/// Cuts the next line off `rest`.
std::string_view take(std::string_view& rest, char end_of_line) {
  std::string_view line = rest.substr(0, rest.find(end_of_line));
  rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  if (end_of_line == '\n' && line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

char end_of_line(std::string_view text) {
  for (const char end : {'\0', '\n', '\r'}) {
    if (text.find(end) != std::string_view::npos) return end;
  }
  return '\n';
}

std::vector<std::string> list_entries(std::string_view text) {
  text = without_byte_order_mark(text);
  std::vector<std::string> entries;
  for (const char end = end_of_line(text); !text.empty();) {
    const std::string_view line = take(text, end);
    if (line.find_first_not_of(kSpaces) != std::string_view::npos) entries.emplace_back(line);
  }
  return entries;
}

std::vector<std::string_view> split_fields(std::string_view line, char delimiter) {
  std::vector<std::string_view> fields;
  for (size_t end = line.find(delimiter); end != std::string_view::npos; end = line.find(delimiter)) {
    fields.push_back(line.substr(0, end));
    line.remove_prefix(end + 1);
  }
  fields.push_back(line);
  return fields;
}

std::string trim(std::string_view text) {
  constexpr std::string_view kWhiteSpace = " \t\r\n\f\v";
  const size_t begin = text.find_first_not_of(kWhiteSpace);
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(kWhiteSpace) + 1 - begin));
}

TextLines::TextLines(const std::filesystem::path& file, TextBytes bytes)
    : TextLines(read_file(file), file.string(), bytes) {}

TextLines::TextLines(std::string text, std::string origin, TextBytes bytes)
    : origin_(std::move(origin)),
      text_(utf16_to_utf8(std::move(text), origin_)),
      rest_(without_byte_order_mark(text_)),
      end_of_line_(end_of_line(text_)),
      bytes_(bytes) {}

bool TextLines::next() {
  do {
    if (!take_line()) return false;
  } while (fields_.empty());
  return true;
}

bool TextLines::take_line() {
  ++number_;
  at_end_ = rest_.empty();
  line_ = take(rest_, end_of_line_);
  if (bytes_ == TextBytes::utf8 && !is_utf8(line_)) refuse("UTF-8 text", "bytes that are not UTF-8");
  split();
  return !at_end_;
}

void TextLines::split() {
  fields_.clear();
  for (size_t begin = line_.find_first_not_of(kSpaces); begin != std::string_view::npos;) {
    const size_t end = std::min(line_.find_first_of(kSpaces, begin), line_.size());
    fields_.push_back(line_.substr(begin, end - begin));
    begin = line_.find_first_not_of(kSpaces, end);
  }
}

std::string TextLines::where() const { return fmt::format("{}:{}", origin_, number_); }

void TextLines::refuse(const std::string& expected) const {
  const std::string quoted = fmt::format("'{}{}'", line_.substr(0, kMaxQuoted), line_.size() > kMaxQuoted ? "…" : "");
  refuse(expected, at_end_ ? "the end of the file" : quoted);
}

void TextLines::refuse(const std::string& expected, const std::string& found) const {
  fail("{}: expected {}, found {}", where(), expected, found);
}

}  // namespace sure
