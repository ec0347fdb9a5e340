#include "train/recorded_run.h"

#include "core/error.h"
#include "core/options.h"
#include "core/strict_json.h"

namespace sure {

namespace fs = std::filesystem;

RunConfig read_recorded_run(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) fail("--run {}: no such folder", folder.string());
  for (const fs::path& part : {folder / "config.json", best_model_of(folder)}) {
    if (fs::exists(part, error)) continue;
    fail("--run {}: no {} there; expected the --output_dir of a finished sure train", folder.string(),
         part.filename().string());
  }
  RunConfig config;
  const fs::path file = folder / "config.json";
  options_from_json(config, read_json(file), file.string());
  return config;
}

fs::path best_model_of(const fs::path& folder) { return folder / "best_model"; }

}  // namespace sure
