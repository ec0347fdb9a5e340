#include "data/records.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/error.h"
#include "text/counted.h"
#include "text/text_lines.h"
#include "text/utf8.h"

namespace sure {

namespace {

using Json = nlohmann::json;

/// Delimited text, one row at a time.
class Rows {
 public:
  Rows(std::string_view text, char delimiter, bool quoted, const std::string& source)
      : text_(without_byte_order_mark(text)), delimiter_(delimiter), quoted_(quoted), source_(source) {}

  /// False at the end of the text.
  bool next(std::vector<std::string>& fields) {
    while (at_line_end() && !at_end()) skip_line_end();
    if (at_end()) return false;
    row_line_ = line_;
    fields.clear();
    do {
      fields.push_back(read_field());
    } while (skip(delimiter_));
    skip_line_end();
    for (const std::string& field : fields) check(field);
    return true;
  }

  int64_t line() const { return row_line_; }

 private:
  bool at_end() const { return position_ == text_.size(); }

  bool at_line_end() const {
    const std::string_view rest = text_.substr(position_);
    return rest.empty() || rest.starts_with('\n') || rest.starts_with("\r\n");
  }

  void skip_line_end() {
    skip('\r');
    if (skip('\n')) ++line_;
  }

  bool skip(char c) {
    if (at_end() || text_[position_] != c) return false;
    ++position_;
    return true;
  }

  void check(const std::string& field) const {
    if (field.find('\0') != std::string::npos) {
      fail("{}:{}: bytes of zero, as in UTF-16 without a byte order mark; save the file as UTF-8", source_, row_line_);
    }
    if (!is_utf8(field)) fail("{}:{}: bytes that are not UTF-8, expected UTF-8 text", source_, row_line_);
  }

  std::string read_field() {
    if (quoted_ && skip('"')) return read_quoted();
    std::string field;
    for (; !at_line_end() && text_[position_] != delimiter_; ++position_) {
      if (quoted_ && text_[position_] == '"') {
        fail("{}:{}: a quote inside a field, expected the whole field in quotes", source_, row_line_);
      }
      field += text_[position_];
    }
    return field;
  }

  std::string read_quoted() {
    std::string field;
    while (!at_end()) {
      const char c = text_[position_++];
      if (c == '\n') ++line_;
      if (c != '"') {
        field += c;
      } else if (skip('"')) {
        field += '"';
      } else if (at_line_end() || text_[position_] == delimiter_) {
        return field;
      } else {
        fail("{}:{}: text behind a closing quote, expected '{}' or the end of the line", source_, row_line_,
             delimiter_);
      }
    }
    fail("{}:{}: a quote that is never closed", source_, row_line_);
  }

  std::string_view text_;
  char delimiter_;
  bool quoted_;
  const std::string& source_;
  size_t position_ = 0;
  int64_t line_ = 1;
  int64_t row_line_ = 1;
};

std::vector<Record> parse_delimited(Rows rows, const std::string& source) {
  std::vector<std::string> header;
  if (!rows.next(header)) fail("{}: empty, expected a header line with the names of the columns", source);
  for (std::string& name : header) name = trim(name);
  std::vector<Record> records;
  for (std::vector<std::string> values; rows.next(values);) {
    if (values.size() != header.size()) {
      fail("{}:{}: {}, expected {} as in the header ({})", source, rows.line(), counted(std::ssize(values), "field"),
           header.size(), fmt::join(header, ", "));
    }
    Record record{rows.line(), {}, {}};
    for (size_t i = 0; i < header.size(); ++i) {
      if (!record.fields.emplace(header[i], values[i]).second) {
        fail("{}:1: column '{}' is there twice", source, header[i]);
      }
    }
    records.push_back(std::move(record));
  }
  return records;
}

/// The number that `text` starts with, where no double holds it: 1e999, or a whole number of more digits than one has.
std::string_view number_beyond_doubles(std::string_view text) {
  constexpr size_t kExactDigits = 15;
  const size_t end = std::min(text.find_first_not_of("+-.0123456789eE"), text.size());
  const std::string_view word = text.substr(0, end);
  double value = 0;
  const auto [stop, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  const std::string_view number = word.substr(0, static_cast<size_t>(stop - word.data()));
  if (error == std::errc::result_out_of_range) return number;
  if (number != word) return {};
  const std::string_view digits = word.substr(word.starts_with('-') ? 1 : 0);
  const bool is_whole = digits.size() > kExactDigits && digits[0] != '0' &&
                        digits.find_first_not_of("0123456789") == std::string_view::npos;
  return is_whole ? word : std::string_view();
}

/// With null for NaN and Infinity, which Python writes though JSON has none, and numbers that no double holds as text:
/// somebody may want their digits.
std::string without_odd_numbers(std::string_view text) {
  std::string cleaned;
  bool quoted = false;
  bool in_word = false;
  for (size_t i = 0; i < text.size();) {
    const std::string_view rest = text.substr(i);
    const auto starts = [&](std::string_view word) { return !quoted && rest.starts_with(word); };
    size_t length = 1;
    for (const std::string_view word : {"NaN", "Infinity", "-Infinity"}) length = starts(word) ? word.size() : length;
    const bool is_number = !quoted && !in_word && (text[i] == '-' || (text[i] >= '0' && text[i] <= '9'));
    const std::string_view number = is_number && length == 1 ? number_beyond_doubles(rest) : std::string_view();
    if (length > 1) {
      cleaned += "null";
    } else if (!number.empty()) {
      cleaned += fmt::format("\"{}\"", number);
      length = number.size();
    } else if (quoted && text[i] == '\\') {
      cleaned += rest.substr(0, length = std::min<size_t>(2, rest.size()));
    } else {
      quoted = quoted != (text[i] == '"');
      cleaned += text[i];
    }
    in_word = !quoted && std::string_view(" \t\r\n,:[]{}\"").find(text[i]) == std::string_view::npos;
    i += length;
  }
  return cleaned;
}

Json parse_value(std::string_view text) { return Json::parse(without_odd_numbers(text)); }

Json parse_line(std::string_view text, const std::string& source, int64_t line) {
  try {
    return parse_value(text);
  } catch (const Json::parse_error& error) {
    fail("{}:{}: not valid JSON near column {}, expected one object per line", source, line, error.byte);
  }
}

/// A number of a column that pandas made floating for the sake of a gap, 3.0, is 3 again.
std::string as_text(const Json& value) {
  constexpr double kExact = 1e15;
  if (!value.is_number_float()) return value.dump();
  const auto number = value.get<double>();
  return std::trunc(number) == number && std::abs(number) < kExact ? fmt::format("{:.0f}", number) : value.dump();
}

Record to_record(const Json& json, const std::string& source, int64_t line) {
  if (!json.is_object()) fail("{}:{}: a JSON {}, expected an object", source, line, json.type_name());
  Record record{line, {}, {}};
  for (const auto& [key, value] : json.items()) {
    if (value.is_null()) continue;
    if (value.is_object() && value.contains("path") && value["path"].is_string()) {
      record.fields[key] = value["path"];  // as the datasets library writes audio: {"path", "bytes"}
    } else if (value.is_structured()) {
      record.other_kinds[key] = value.type_name();
    } else {
      record.fields[key] = value.is_string() ? value.get<std::string>() : as_text(value);
    }
  }
  return record;
}

std::vector<Record> to_records(const Json& items, const std::string& source) {
  std::vector<Record> records;
  for (const Json& item : items) records.push_back(to_record(item, source, std::ssize(records) + 1));
  return records;
}

/// The rows of {"data": [{…}, …]}, as the datasets library and pandas write them; null for anything else.
Json rows_below_data(std::string_view text) {
  const Json whole = Json::parse(without_odd_numbers(text), nullptr, /*allow_exceptions=*/false);
  const bool is_wrapped = whole.is_object() && whole.contains("data") && whole["data"].is_array();
  const bool has_rows = is_wrapped && std::all_of(whole["data"].begin(), whole["data"].end(),
                                                  [](const Json& row) { return row.is_object(); });
  return has_rows ? whole["data"] : Json();
}

/// The delimiter of a header: a comma where it has one.
char find_delimiter(std::string_view text) {
  const std::string_view header = text.substr(0, text.find('\n'));
  for (const char delimiter : {',', ';', '\t'}) {
    if (header.find(delimiter) != std::string_view::npos) return delimiter;
  }
  return ',';
}

}  // namespace

std::vector<Record> parse_csv(std::string_view text, const std::string& source) {
  return parse_delimited(Rows(text, find_delimiter(text), true, source), source);
}

std::vector<Record> parse_tsv(std::string_view text, const std::string& source) {
  return parse_delimited(Rows(text, '\t', false, source), source);
}

std::vector<Record> parse_json_lines(std::string_view text, const std::string& source) {
  std::vector<Record> records;
  text = without_byte_order_mark(text);
  for (int64_t line = 1; !text.empty(); ++line) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (one.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    records.push_back(to_record(parse_line(one, source, line), source, line));
  }
  return records;
}

std::vector<Record> parse_json_records(std::string_view text, const std::string& source) {
  const std::string_view content = without_byte_order_mark(text);
  const size_t start = content.find_first_not_of(" \t\r\n");
  if (start == std::string_view::npos) return {};
  if (content[start] != '[') {
    const Json wrapped = rows_below_data(content);
    return wrapped.is_null() ? parse_json_lines(text, source) : to_records(wrapped, source);
  }
  Json items;
  try {
    items = parse_value(content);
  } catch (const Json::parse_error& error) {
    fail("{}: not valid JSON near byte {}, expected an array of objects, or one object per line", source, error.byte);
  }
  return to_records(items, source);
}

const std::string& field(const Record& record, const std::string& column, const std::string& source) {
  const auto found = record.fields.find(column);
  if (found != record.fields.end()) return found->second;
  std::vector<std::string> columns;
  for (const auto& [name, value] : record.fields) columns.push_back(name);
  fail("{}:{}: expected a column '{}', found '{}'", source, record.line, column, fmt::join(columns, "', '"));
}

const std::string& required_field(const Record& record, const std::string& column, const std::string& source) {
  const std::string& value = field(record, column, source);
  if (value.empty()) fail("{}:{}: '{}' is empty, expected a value", source, record.line, column);
  return value;
}

}  // namespace sure
