#include "backbone/language.h"

#include <set>
#include <vector>

#include "core/error.h"
#include "formats/checkpoint_folder.h"
#include "formats/finite.h"
#include "formats/safetensors.h"

namespace sure {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "adapter.";

ParameterList read_safetensors_list(const fs::path& file) { return read_safetensors(file).tensors; }

constexpr struct {
  std::string_view ending;
  ParameterList (*read)(const fs::path& file);
} kFiles[] = {{".safetensors", read_safetensors_list}, {".bin", read_pytorch_bin}};

constexpr size_t kLanguagesShown = 20;

std::set<std::string> languages_in(const fs::path& folder) {
  std::set<std::string> languages;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    for (const auto& [ending, read] : kFiles) {
      if (name.size() <= kPrefix.size() + ending.size()) continue;
      if (!name.starts_with(kPrefix) || !name.ends_with(ending)) continue;
      languages.insert(name.substr(kPrefix.size(), name.size() - kPrefix.size() - ending.size()));
    }
  }
  return languages;
}

std::string describe(const std::set<std::string>& languages) {
  if (languages.empty()) return "it has no languages";
  std::vector<std::string> shown;
  for (const std::string& language : languages) {
    if (shown.size() < kLanguagesShown) shown.push_back(language);
  }
  const size_t more = languages.size() - shown.size();
  return fmt::format("it has {}{}", fmt::join(shown, ", "), more == 0 ? "" : fmt::format(" and {} more", more));
}

}  // namespace

ParameterList read_language(const fs::path& folder, const std::string& language) {
  for (const auto& [ending, read] : kFiles) {
    const fs::path file = folder / fmt::format("{}{}{}", kPrefix, language, ending);
    if (!fs::exists(file)) continue;
    ParameterList tensors = read(file);
    check_finite(tensors, file);
    return tensors;
  }
  fail("--language {}: no adapter.{}.safetensors or .bin in {}; {}", language, language, folder.string(),
       describe(languages_in(folder)));
}

}  // namespace sure
