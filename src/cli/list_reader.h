// A list of paths that comes in on a pipe, line by line as it comes, or audio instead of a list.
#pragma once

#include <string>

namespace sure {

class ListReader {
 public:
  /// Reads the descriptor, which it does not close; messages call it `name`.
  ListReader(int descriptor, std::string name);

  /// Whether what comes is the start of an audio file (RIFF, fLaC, OggS, ID3 …) and not a list. Waits for as many bytes
  /// as that takes.
  bool holds_audio();

  /// The next path: a line, or if there are NULs (`find -print0`) what stands before one; where no line feed is,
  /// carriage returns end lines. Blank lines, carriage returns at the end of lines and a byte order mark are left out;
  /// UTF-16 with a mark is read. False at the end. Throws Error when the list cannot be read.
  bool next(std::string& path);

  /// Whether `next` would return a path without waiting.
  bool ready();

  /// All bytes to the end, those that have been looked at too. Throws Error when they cannot be read.
  std::string take_rest();

 private:
  bool fill();
  bool has_whole_line() const;
  bool take_line(std::string& path);
  void settle();

  int descriptor_;
  std::string name_;
  std::string buffer_;
  std::string waiting_;  // a path that ready() has found
  char separator_ = '\n';
  bool settled_ = false;  // separator and encoding are known
  bool ended_ = false;
};

}  // namespace sure
