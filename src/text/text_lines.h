// A UTF-8 text file line by line, for readers whose messages name file and line. Lists may come from anywhere: lines
// may end as on Windows, a byte order mark may lead, and where a NUL byte is, NUL bytes end lines (find -print0).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sure {

/// What a file may hold: UTF-8 only, or anything (remarks in an unknown encoding).
enum class TextBytes { utf8, any };

/// The entries of a list: what its lines, or NUL bytes where it has any, separate, without blank ones. Any bytes.
std::vector<std::string> list_entries(std::string_view text);

/// What stands between delimiters; empty fields are kept: "a\t\tb" has three. They refer to `line`.
std::vector<std::string_view> split_fields(std::string_view line, char delimiter);

/// `text` without ASCII white space around it.
std::string trim(std::string_view text);

class TextLines {
 public:
  /// Reads the whole file. Throws Error when it cannot be read.
  explicit TextLines(const std::filesystem::path& file, TextBytes bytes = TextBytes::utf8);

  /// The lines of `text`; `origin`, a file's name, leads messages. A byte order mark at the start is dropped.
  TextLines(std::string text, std::string origin, TextBytes bytes = TextBytes::utf8);

  TextLines(const TextLines&) = delete;  // the lines refer to the text in here
  TextLines& operator=(const TextLines&) = delete;

  /// Goes on to the next line that is not blank; false at the end of the file. Throws Error for bytes that may
  /// not be there.
  bool next();

  /// The line without its end. Valid as long as this object, like the fields.
  std::string_view line() const { return line_; }

  /// What spaces and tabs separate in the line; the vector is valid until the next call of next().
  const std::vector<std::string_view>& fields() const { return fields_; }

  /// Of the line, from 1.
  int64_t number() const { return number_; }

  /// "file:line", which leads messages about the line.
  std::string where() const;

  /// Bytes of the whole file.
  size_t size() const { return text_.size(); }

  /// Throws Error: «file:line: expected …, found 'the line'».
  [[noreturn]] void refuse(const std::string& expected) const;

  /// The same with what was found in the caller's words.
  [[noreturn]] void refuse(const std::string& expected, const std::string& found) const;

 private:
  bool take_line();
  void split();

  std::string origin_;
  std::string text_;
  std::string_view rest_;
  char end_of_line_;
  std::string_view line_;
  std::vector<std::string_view> fields_;
  int64_t number_ = 0;
  TextBytes bytes_;
  bool at_end_ = false;
};

}  // namespace sure
