// Rows of named fields in a text: CSV (RFC 4180), TSV (no quoting) and JSON lines.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sure {

struct Record {
  int64_t line;  // where it starts, from 1
  std::map<std::string, std::string> fields;
};

/// Parses one format. `source` (a file name) leads every message, with the line: Error for rows that do not fit the
/// header, open quotes, bad JSON, values that are not text, bytes that are not UTF-8. Blank lines are skipped.
using RecordParser = std::vector<Record> (*)(std::string_view text, const std::string& source);

std::vector<Record> parse_csv(std::string_view text, const std::string& source);
std::vector<Record> parse_tsv(std::string_view text, const std::string& source);
std::vector<Record> parse_json_lines(std::string_view text, const std::string& source);

/// The value of a column. Throws Error, with `source` and the line, where there is no such column.
const std::string& field(const Record& record, const std::string& column, const std::string& source);

/// The same; throws Error also where it is empty.
const std::string& required_field(const Record& record, const std::string& column, const std::string& source);

}  // namespace sure
