#include "backbone/model_folder.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <regex>
#include <vector>

#include "backbone/backbone.h"
#include "backbone/language.h"
#include "backbone/shipped_model.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "formats/checkpoint_folder.h"

namespace sure {

namespace {

namespace fs = std::filesystem;

constexpr const char* kRepositoryPrefix = "models--";

struct HubId {
  std::string name;      // "org/name" or "name"
  std::string revision;  // empty: main
};

std::optional<HubId> parse_id(const std::string& model) {
  static const std::regex pattern(R"(([\w-][\w.-]*(?:/[\w-][\w.-]*)?)(?:@([\w./-]+))?)");
  std::smatch match;
  if (!std::regex_match(model, match, pattern)) return std::nullopt;
  return HubId{match[1], match[2]};
}

fs::path from_environment(const char* name) {
  const char* value = std::getenv(name);
  const std::string text = value == nullptr ? "" : value;
  const char* home = std::getenv("HOME");
  if (!text.starts_with("~/") || home == nullptr) return text;
  return fs::path(home) / text.substr(2);
}

/// As huggingface_hub finds it.
fs::path cache_folder() {
  for (const char* name : {"HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"}) {
    if (const fs::path cache = from_environment(name); !cache.empty()) return cache;
  }
  if (const fs::path home = from_environment("HF_HOME"); !home.empty()) return home / "hub";
  if (const fs::path cache = from_environment("XDG_CACHE_HOME"); !cache.empty()) return cache / "huggingface" / "hub";
  return from_environment("HOME") / ".cache" / "huggingface" / "hub";
}

fs::path repository(const HubId& id) {
  std::string name = kRepositoryPrefix + id.name;
  if (const size_t slash = name.find('/'); slash != std::string::npos) name.replace(slash, 1, "--");
  return cache_folder() / name;
}

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> folders;
  if (!fs::is_directory(folder)) return folders;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  return folders;
}

/// A branch or tag by its file in refs/, or a commit by its number or the start of it; without a revision, main or the
/// only one. Empty where it is not there.
fs::path find_snapshot(const HubId& id) {
  const fs::path root = repository(id), snapshots = root / "snapshots";
  const fs::path reference = root / "refs" / (id.revision.empty() ? "main" : id.revision);
  if (fs::is_regular_file(reference)) {
    std::string commit = read_file(reference);
    commit.erase(std::remove_if(commit.begin(), commit.end(), [](unsigned char c) { return std::isspace(c) != 0; }),
                 commit.end());
    if (!commit.empty() && fs::is_directory(snapshots / commit)) return snapshots / commit;
  }
  std::vector<fs::path> fitting = folders_in(snapshots);
  std::erase_if(fitting, [&](const fs::path& folder) { return !folder.filename().string().starts_with(id.revision); });
  return fitting.size() == 1 ? fitting.front() : fs::path();
}

std::string fetch_command(const HubId& id) {
  return fmt::format("hf download {}{}", id.name, id.revision.empty() ? "" : " --revision " + id.revision);
}

[[noreturn]] void fail_not_there(const std::string& model, const HubId& id) {
  const bool other_revisions = !folders_in(repository(id) / "snapshots").empty();
  fail(
      "{}: no such folder, and {} in the Hugging Face cache {}: get it with '{}' or 'git clone "
      "https://huggingface.co/{}'",
      model, other_revisions ? "this revision is not" : "no such model is", cache_folder().string(), fetch_command(id),
      id.name);
}

/// Downloads that were broken off leave links to nothing.
void check_complete(const fs::path& snapshot, const HubId& id) {
  const char* missing = nullptr;
  if (!has_checkpoint(snapshot)) missing = "weights (model.safetensors or pytorch_model.bin)";
  if (!fs::exists(snapshot / "config.json")) missing = "config.json";
  if (missing == nullptr) return;
  fail("{}: its folder in the Hugging Face cache, {}, has no {}: get the whole model with '{}'", id.name,
       snapshot.string(), missing, fetch_command(id));
}

/// For a folder that holds something else, what it is and which flag takes it. A training run has a config.json too.
void check_is_model(const fs::path& folder) {
  constexpr const char* kAdvice = "not a model: give it as --adapter, and the model it adapts as --model";
  if (fs::exists(folder / "adapter.json") || fs::exists(folder / "best_model" / "adapter.json")) {
    fail("{}: is an adapter that sure trained, {}", folder.string(), kAdvice);
  }
  if (fs::exists(folder / "adapter_config.json") && !fs::exists(folder / "config.json")) {
    fail("{}: is an adapter that PEFT wrote, {}", folder.string(), kAdvice);
  }
}

}  // namespace

std::string find_model(const std::string& model) {
  if (is_random_backbone(model)) return model;
  if (is_shipped_model(model)) return shipped_model_folder();
  if (fs::is_directory(model)) {
    check_is_model(model);
    return model;
  }
  const auto id = parse_id(model);
  if (!id) fail("{}: no such folder; expected a Hugging Face model folder", model);
  const fs::path snapshot = find_snapshot(*id);
  if (snapshot.empty()) fail_not_there(model, *id);
  check_complete(snapshot, *id);
  return snapshot.string();
}

bool has_model(const std::string& model) {
  if (is_random_backbone(model) || is_shipped_model(model) || fs::is_directory(model)) return true;
  return !find_in_hub_cache(model).empty();
}

std::string find_in_hub_cache(const std::string& id) {
  const auto parsed = parse_id(id);
  return parsed ? find_snapshot(*parsed).string() : "";
}

std::string other_name_of_model(const std::string& model) {
  if (is_random_backbone(model) || is_shipped_model(model)) return "";
  if (!fs::is_directory(model)) return has_model(model) ? find_model(model) : "";
  // …/models--ORG--NAME/snapshots/HASH
  const fs::path folder = fs::weakly_canonical(model);
  const std::string repository_name = folder.parent_path().parent_path().filename().string();
  if (folder.parent_path().filename() != "snapshots" || !repository_name.starts_with(kRepositoryPrefix)) return "";
  std::string name = repository_name.substr(std::string_view(kRepositoryPrefix).size());
  if (const size_t dashes = name.find("--"); dashes != std::string::npos) name.replace(dashes, 2, "/");
  return fmt::format("{}@{}", name, folder.filename().string());
}

std::optional<int64_t> ctc_outputs(const std::string& folder, const std::string& language) {
  if (!has_checkpoint(folder)) return std::nullopt;
  const ParameterList tensors = language.empty() ? read_checkpoint_folder(folder) : read_language(folder, language);
  for (const NamedTensor& tensor : tensors) {
    if (tensor.name == "lm_head.weight" && tensor.value.dim() == 2) return tensor.value.size(0);
  }
  return std::nullopt;
}

}  // namespace sure
