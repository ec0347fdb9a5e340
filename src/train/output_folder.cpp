#include "train/output_folder.h"

#include <algorithm>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/own_json.h"
#include "model/adapter_folder.h"
#include "train/checkpoint.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr const char* kLockFile = ".sure.lock";

bool has_key(const fs::path& file, const std::string& key) {
  const nlohmann::ordered_json json = json_or_null(file);
  return json.is_object() && json.contains(key);
}

std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> found;
  if (!fs::is_directory(folder)) return found;
  try {
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) found.push_back(entry.path());
  } catch (const fs::filesystem_error& error) {
    fail("--output_dir {}: cannot list this folder ({})", folder.string(), error.code().message());
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Whether a path is that folder, or lies below it.
bool is_within(const fs::path& path, const fs::path& folder) {
  const fs::path inner = fs::canonical(path);
  const fs::path outer = fs::canonical(folder);
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

}  // namespace

RunLayout training_layout() {
  return {"sure train",
          {{"best_model", best_model_folder()}, {"checkpoint-", training_checkpoint()}},
          {{"config.json", "per_device_train_batch_size"}, {"results.json", "peak_memory_bytes", /*result=*/true}}};
}

Earlier fate_of_earlier(bool anew, bool overwrite) {
  if (!anew) return Earlier::keep;
  return overwrite ? Earlier::remove : Earlier::refuse;
}

OutputFolder::OutputFolder(fs::path path, RunLayout layout, Earlier earlier, nlohmann::ordered_json options)
    : path_(std::move(path)), layout_(std::move(layout)), earlier_(earlier), options_(std::move(options)) {
  if (fs::exists(path_) && !fs::is_directory(path_)) fail("--output_dir {}: this is a file", path_.string());
  if (!fs::exists(path_)) return;
  lock();
  check();
}

std::vector<std::string> OutputFolder::make() {
  make_folder(path_, "--output_dir");
  if (!lock_) {
    lock();
    check();
  }
  std::vector<std::string> notes;
  if (!lock_->note().empty()) notes.push_back("note: " + lock_->note());
  if (earlier_ == Earlier::remove) {
    for (const fs::path& result : results()) {
      const std::string warning = remove(result);
      if (!warning.empty()) notes.push_back("warning: " + warning);
    }
  }
  clear_output_folder(path_);
  return notes;
}

void OutputFolder::lock() {
  lock_.emplace(path_ / kLockFile, layout_.command, fmt::format("--output_dir {}", path_.string()));
}

void OutputFolder::check() const {
  for (const fs::path& entry : entries(path_)) {
    const RunLayout::Folder* folder = folder_row(entry);
    const RunLayout::File* file = file_row(entry);
    if (!folder && !file) continue;
    const bool ours = folder ? (fs::is_directory(entry) && fs::is_empty(entry)) || is_owned(entry, folder->kind)
                             : fs::is_regular_file(entry) && has_key(entry, file->key);
    if (ours) continue;
    fail_usage("--output_dir {}: {} there was not written by {}, which would replace it; name another folder",
               path_.string(), entry.filename().string(), layout_.command);
  }
  const std::vector<fs::path> found = results();
  if (earlier_ == Earlier::keep || found.empty()) return;
  if (earlier_ == Earlier::remove) {
    for (const fs::path& result : found) check_unused(result);
    return;
  }
  fail_usage(
      "--output_dir {}: an earlier run's checkpoints lie there; go on with --resume latest, throw them away with "
      "--overwrite_output_dir True, or name another folder",
      path_.string());
}

std::vector<fs::path> OutputFolder::results() const {
  std::vector<fs::path> found = entries(path_);
  std::erase_if(found, [&](const fs::path& entry) {
    const RunLayout::File* file = file_row(entry);
    return !folder_row(entry) && !(file && file->result);
  });
  return found;
}

const RunLayout::Folder* OutputFolder::folder_row(const fs::path& path) const {
  for (const RunLayout::Folder& row : layout_.folders) {
    if (row.name == kCheckpointPrefix ? checkpoint_step(path).has_value() : path.filename() == row.name) return &row;
  }
  return nullptr;
}

const RunLayout::File* OutputFolder::file_row(const fs::path& path) const {
  const auto row = std::find_if(layout_.files.begin(), layout_.files.end(),
                                [&](const RunLayout::File& file) { return path.filename() == file.name; });
  return row == layout_.files.end() ? nullptr : &*row;
}

void OutputFolder::check_unused(const fs::path& result) const {
  for (const auto& option : options_.items()) {
    if (!option.value().is_string()) continue;
    const auto named = option.value().get<std::string>();
    std::error_code error;
    if (named.empty() || !fs::exists(named, error) || !is_within(named, result)) continue;
    fail_usage("--overwrite_output_dir True would remove {}, which --{} reads; name another --output_dir",
               result.string(), option.key());
  }
}

std::string OutputFolder::remove(const fs::path& result) const {
  if (const RunLayout::Folder* folder = folder_row(result)) return remove_own(result, folder->kind);
  std::error_code error;
  if (fs::remove(result, error) || !error) return {};
  return fmt::format("{}: cannot be removed ({})", result.string(), error.message());
}

}  // namespace sure
