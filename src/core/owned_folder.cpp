#include "core/owned_folder.h"

#include <algorithm>
#include <fstream>
#include <set>
#include <system_error>

#include "core/atomic_file.h"
#include "core/error.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr const char* kMark = ".sure";

using Names = std::set<std::string>;

struct Mark {
  std::string kind;
  Names files;
};

bool has_mark(const fs::path& folder) {
  std::error_code error;
  return fs::is_regular_file(fs::symlink_status(folder / kMark, error));
}

/// Names that a mark has no business with are left out: it may have been forged.
Mark read_mark(const fs::path& folder) {
  std::istringstream lines(read_file(folder / kMark));
  Mark mark;
  std::getline(lines, mark.kind);
  for (std::string name; std::getline(lines, name);) {
    if (!name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos) mark.files.insert(name);
  }
  return mark;
}

Names entries(const fs::path& folder) {
  Names names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
  names.erase(kMark);
  return names;
}

void write_mark(const fs::path& folder, const std::string& kind, const Names& files) {
  std::string text = kind + "\n";
  for (const std::string& name : files) text += name + "\n";
  write_file(folder / kMark, text);
}

bool has_all(const fs::path& folder, const FolderKind& kind) {
  const auto is_there = [&](const std::string& name) { return fs::is_regular_file(folder / name); };
  return !kind.unmarked.empty() && std::all_of(kind.unmarked.begin(), kind.unmarked.end(), is_there) &&
         (kind.beside.empty() || fs::exists(folder.parent_path() / kind.beside));
}

std::string reason(const fs::path& path, const std::string& why) {
  return fmt::format("{}: cannot be removed ({}); it stays", path.string(), why);
}

}  // namespace

void write_mark(const fs::path& folder, const FolderKind& kind) { write_mark(folder, kind.name, entries(folder)); }

bool is_owned(const fs::path& folder, const FolderKind& kind) {
  if (!fs::is_directory(folder)) return false;
  return has_mark(folder) ? read_mark(folder).kind == kind.name : has_all(folder, kind);
}

void require_own(const fs::path& folder, const FolderKind& kind) {
  if (!fs::exists(folder)) return;
  if (!fs::is_directory(folder)) fail_usage("{}: this is a file, expected a folder", folder.string());
  if (fs::is_empty(folder) || is_owned(folder, kind)) return;
  fail_usage("{}: this folder was not written by {} and is left alone; name a new or empty one", folder.string(),
             kind.name.substr(0, kind.name.find(':')));
}

void adopt(const fs::path& folder, const FolderKind& kind) {
  if (!has_mark(folder)) write_mark(folder, kind.name, {kind.unmarked.begin(), kind.unmarked.end()});
}

std::string remove_own(const fs::path& folder, const FolderKind& kind, const std::string& first) {
  try {
    adopt(folder, kind);
    const Names files = read_mark(folder).files;
    if (!first.empty()) fs::remove(folder / first);
    for (const std::string& name : files) fs::remove_all(folder / name);
    if (!entries(folder).empty()) {
      write_mark(folder, kind.name, {});
      return {};
    }
    fs::remove(folder / kMark);
    fs::remove(folder);
  } catch (const fs::filesystem_error& error) {
    return reason(error.path1(), error.code().message());
  } catch (const Error& error) {
    return reason(folder, error.what());
  }
  return {};
}

void merge_folder(const fs::path& whole, const fs::path& target) {
  try {
    const Names coming = read_mark(whole).files;
    if (has_mark(target)) {
      for (const std::string& name : read_mark(target).files) {
        if (!coming.contains(name)) fs::remove_all(target / name);
      }
    }
    for (const std::string& name : coming) {
      if (!fs::exists(fs::symlink_status(whole / name))) continue;  // came over before a kill
      if (fs::is_directory(whole / name)) fs::remove_all(target / name);
      fs::rename(whole / name, target / name);
    }
    fs::rename(whole / kMark, target / kMark);
    fs::remove(whole);
  } catch (const fs::filesystem_error& error) {
    fail("{}: cannot replace this folder ({}); choose another one", target.string(), error.code().message());
  }
}

std::string retire(const fs::path& old, const fs::path& successor) {
  try {
    const Names own = has_mark(old) ? read_mark(old).files : entries(old);
    for (const std::string& name : own) fs::remove_all(old / name);
    for (const std::string& name : entries(old)) {
      if (fs::exists(fs::symlink_status(successor / name)))
        return reason(old / name, "there is a new file of its name");
      fs::rename(old / name, successor / name);
    }
    fs::remove_all(old);
  } catch (const fs::filesystem_error& error) {
    return reason(error.path1(), error.code().message());
  } catch (const Error& error) {
    return reason(old, error.what());
  }
  return {};
}

}  // namespace sure
