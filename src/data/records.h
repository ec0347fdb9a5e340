// Rows of named fields in a text: CSV (RFC 4180), TSV (no quoting), JSON lines and JSON arrays.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sure {

struct Record {
  int64_t line;  // where it starts, from 1; of an array's items, their place
  /// Text; numbers and truth values as they are written.
  std::map<std::string, std::string> fields;
  /// Fields with something else, by the name of its JSON type: nobody may want them.
  std::map<std::string, std::string> other_kinds;
};

/// Parses one format. `source` (a file name) leads every message, with the line: Error for rows that do not fit the
/// header, open quotes, bad JSON, bytes that are not UTF-8. Blank lines are skipped.
using RecordParser = std::vector<Record> (*)(std::string_view text, const std::string& source);

/// Fields have the header's separator: commas, or where it has none semicolons or tabs.
std::vector<Record> parse_csv(std::string_view text, const std::string& source);
std::vector<Record> parse_tsv(std::string_view text, const std::string& source);
std::vector<Record> parse_json_lines(std::string_view text, const std::string& source);

/// An array of objects, or JSON lines.
std::vector<Record> parse_json_records(std::string_view text, const std::string& source);

/// The value of a column. Throws Error, with `source` and the line, where there is no such column.
const std::string& field(const Record& record, const std::string& column, const std::string& source);

/// The same; throws Error also where it is empty.
const std::string& required_field(const Record& record, const std::string& column, const std::string& source);

}  // namespace sure
