#include "backbone/shipped_model.h"

#include <cstdlib>
#include <vector>

#include "core/error.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path>& further_folders() {
  static std::vector<fs::path> folders;
  return folders;
}

std::vector<fs::path> places() {
  std::vector<fs::path> found;
  const char* models = std::getenv("SURE_MODELS");
  if (models != nullptr && *models != '\0') found.push_back(fs::path(models) / kShippedModel);
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  for (const char* beside : {".", "..", "../..", "../share/sure"}) {
    if (!error) found.push_back((program.parent_path() / beside / "models" / kShippedModel).lexically_normal());
  }
  for (const fs::path& folder : further_folders()) found.push_back(folder / kShippedModel);
  return found;
}

}  // namespace

bool look_for_models_in(const fs::path& folder) {
  further_folders().push_back(folder);
  return true;
}

std::string shipped_model_folder() {
  std::vector<std::string> looked;
  for (const fs::path& place : places()) {
    if (fs::is_regular_file(place / "config.json")) return place.string();
    looked.push_back(place.string());
  }
  fail("--model {}: the model that ships with sure is in none of {}; name its folder, or set SURE_MODELS",
       kShippedModel, fmt::join(looked, ", "));
}

bool is_shipped_model(const std::string& model) { return model == kShippedModel && !fs::is_directory(model); }

}  // namespace sure
