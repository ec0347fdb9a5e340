#include "pretrain/exclude_list.h"

#include <fnmatch.h>

#include "text/text_lines.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

bool is_pattern(const std::string& line) { return line.find_first_of("*?[") != std::string::npos; }

bool matches(const std::string& pattern, const std::string& path) {
  const std::string rooted = "/" + path, file = "*/" + pattern, folder = "*/" + pattern + "/*";
  return ::fnmatch(file.c_str(), rooted.c_str(), 0) == 0 || ::fnmatch(folder.c_str(), rooted.c_str(), 0) == 0;
}

/// The file and the folders above it, each with any number of the folders above that.
std::vector<std::string> names_of(const fs::path& path) {
  std::vector<std::string> names;
  for (fs::path whole = path.lexically_normal(); !whole.empty(); whole = whole.parent_path()) {
    fs::path name;
    for (fs::path part = whole; part.has_filename(); part = part.parent_path()) {
      name = name.empty() ? part.filename() : part.filename() / name;
      names.push_back(name.string());
    }
    names.push_back(whole.string());
    if (whole == whole.parent_path()) break;
  }
  return names;
}

}  // namespace

ExcludeList::ExcludeList(const fs::path& file) {
  if (file.empty()) return;
  for (TextLines lines(file); lines.next();) {
    std::string line(lines.line());
    if (line.starts_with('#')) continue;
    while (line.size() > 1 && line.ends_with('/')) line.pop_back();
    if (is_pattern(line)) {
      patterns_.push_back(line);
    } else {
      names_.insert(fs::path(line).lexically_normal().string());
    }
  }
}

bool ExcludeList::leaves_out(const fs::path& path) {
  bool found = false;
  if (!names_.empty()) {
    for (const std::string& name : names_of(path)) {
      if (!names_.contains(name)) continue;
      used_.insert(name);
      found = true;
    }
  }
  for (const std::string& pattern : patterns_) {
    if (!matches(pattern, path.string())) continue;
    used_.insert(pattern);
    found = true;
  }
  return found;
}

std::vector<std::string> ExcludeList::idle() const {
  std::vector<std::string> lines;
  for (const std::string& name : names_) {
    if (!used_.contains(name)) lines.push_back(name);
  }
  for (const std::string& pattern : patterns_) {
    if (!used_.contains(pattern)) lines.push_back(pattern);
  }
  return lines;
}

}  // namespace sure
