// A UTF-8 text file line by line, for readers whose messages name file and line.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sure {

class TextLines {
 public:
  /// Reads the whole file. Throws Error when it cannot be read.
  explicit TextLines(const std::filesystem::path& file);

  /// Goes on to the next line that is not blank; false at the end of the file. Throws Error for bytes that are not
  /// UTF-8.
  bool next();

  /// The line without its end.
  std::string_view line() const { return line_; }

  /// What spaces and tabs separate in the line. Valid until the next call of next().
  const std::vector<std::string_view>& fields() const { return fields_; }

  /// Bytes of the whole file.
  size_t size() const { return text_.size(); }

  /// Throws Error: «file:line: expected …, found 'the line'».
  [[noreturn]] void refuse(const std::string& expected) const;

  /// The same with what was found in the caller's words.
  [[noreturn]] void refuse(const std::string& expected, const std::string& found) const;

 private:
  bool take_line();
  void split();

  std::string name_;
  std::string text_;
  std::string_view rest_;
  std::string_view line_;
  std::vector<std::string_view> fields_;
  int64_t number_ = 0;
  bool at_end_ = false;
};

}  // namespace sure
