#include "cli/output_folder.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "core/error.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 3> kResults = {"best_model", "model", "results.json"};

bool is_result(const std::string& name) {
  return name.starts_with("checkpoint-") || std::find(kResults.begin(), kResults.end(), name) != kResults.end();
}

std::vector<fs::path> earlier_results(const fs::path& folder) {
  std::vector<fs::path> found;
  if (!fs::is_directory(folder)) return found;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (is_result(entry.path().filename())) found.push_back(entry.path());
  }
  return found;
}

}  // namespace

void check_output_folder(const fs::path& folder, bool overwrite) {
  if (fs::exists(folder) && !fs::is_directory(folder)) fail("--output_dir {}: this is a file", folder.string());
  if (overwrite || earlier_results(folder).empty()) return;
  fail_usage(
      "--output_dir {}: an earlier run's checkpoints lie there; go on with --resume latest, throw them away with "
      "--overwrite_output_dir True, or name another folder",
      folder.string());
}

void make_output_folder(const fs::path& folder, bool overwrite) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) fail("--output_dir {}: cannot make this folder ({})", folder.string(), error.message());
  if (!overwrite) return;
  for (const fs::path& path : earlier_results(folder)) fs::remove_all(path);
}

}  // namespace sure
