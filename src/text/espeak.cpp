#include "text/espeak.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "core/error.h"
#include "core/process.h"
#include "text/utf8.h"

namespace sure {

namespace {

constexpr const char* kProgram = "espeak-ng";

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

/// A file without a name. Words go through files, not through a shell or the command line: they are data from outside.
File temporary_file() {
  File file(std::tmpfile());
  if (!file) fail("cannot make a temporary file for {}: {}", kProgram, std::strerror(errno));
  return file;
}

/// Runs the program on `input` until it ends; its IPA goes to `output`.
void run(std::FILE* input, std::FILE* output) {
  pid_t child = 0;
  const int error = start_process({kProgram,
                                   {kProgram, "-q", "-b", "1", "--ipa", "--sep=_", "-v", "en-us", "--stdin"},
                                   ::fileno(input),
                                   ::fileno(output),
                                   kNowhere,
                                   {}},
                                  child);
  if (error == ENOENT) fail("{} is not installed", kProgram);
  if (error != 0) fail("cannot start {}: {}", kProgram, std::strerror(error));
  const ProcessEnd end = wait_for_process(child);
  if (!end.well()) fail("{} failed: {}", kProgram, describe(end));
}

std::string read_all(std::FILE* file) {
  std::rewind(file);
  std::string text;
  std::array<char, 4096> part{};
  for (size_t size = 0; (size = std::fread(part.data(), 1, part.size(), file)) > 0;) text.append(part.data(), size);
  if (std::ferror(file) != 0) fail("cannot read what {} answered: {}", kProgram, std::strerror(errno));
  return text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

}  // namespace

std::vector<std::string> espeak_ipa(const std::vector<std::string>& words) {
  const File input = temporary_file();
  const File output = temporary_file();
  // The empty line ends a paragraph, and with it the line of IPA.
  for (const std::string& word : words) std::fputs((word + "\n\n").c_str(), input.get());
  if (std::fflush(input.get()) != 0) fail("cannot write a temporary file for {}: {}", kProgram, std::strerror(errno));
  std::rewind(input.get());
  run(input.get(), output.get());
  std::vector<std::string> lines = lines_of(read_all(output.get()));
  if (lines.size() != words.size()) {
    fail("{} answered with {} lines to {} words, expected one for each", kProgram, lines.size(), words.size());
  }
  return lines;
}

bool espeak_takes(std::string_view word) {
  bool speakable = false;
  for (const std::string& c : characters(word)) {
    const bool sound = is_latin_letter(c) || (c >= "0" && c <= "9" && c.size() == 1);
    if (!sound && c != "'" && c != "-") return false;
    speakable = speakable || sound;
  }
  return speakable;
}

}  // namespace sure
