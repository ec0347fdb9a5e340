#include "model/adapter_folder.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "backbone/model_folder.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_text.h"
#include "core/options.h"
#include "core/strict_json.h"
#include "formats/checkpoint_folder.h"
#include "formats/finite.h"
#include "formats/peft_adapter.h"
#include "formats/safetensors.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kFormatVersion = 2;
constexpr const char* kSpecFile = "adapter.json";
constexpr const char* kTensorFile = "adapter.safetensors";
const std::set<std::string> kKeys = {"format_version", "task",   "labels", "fingerprint",
                                     "model",          "tuning", "head",   "target"};
// Files of earlier versions lack them: the tokens' roles are then the usual ones, the model has one name.
const std::set<std::string> kOptionalKeys = {"tokens", "model_also_known_as"};

void check_version(const nlohmann::json& json, const std::string& source) {
  if (!json.is_object() || !json.contains("format_version")) {
    fail("{}: no 'format_version'; expected a file that sure wrote", source);
  }
  const nlohmann::json& version = json["format_version"];
  if (version != kFormatVersion) {
    fail("{}: format_version is {}, expected {}; use the version of sure that wrote it", source, version.dump(),
         kFormatVersion);
  }
}

void check_keys(const nlohmann::json& json, const std::string& source) {
  for (const std::string& key : kKeys) {
    if (!json.contains(key)) fail("{}: key '{}' is missing", source, key);
  }
  for (const auto& item : json.items()) {
    const bool known = kKeys.contains(item.key()) || kOptionalKeys.contains(item.key());
    if (!known) fail("{}: unknown key '{}'", source, item.key());
  }
}

template <class Value>
Value get(const nlohmann::json& json, const char* key, const char* expected, const std::string& source) {
  try {
    return json.at(key).get<Value>();
  } catch (const nlohmann::json::exception&) {
    fail("{}: '{}' is {}, expected {}", source, key, json.at(key).dump(), expected);
  }
}

nlohmann::ordered_json roles_to_json(TokenRoles roles) {
  nlohmann::ordered_json json;
  visit_roles(roles, [&](const char* key, const auto& field) {
    if constexpr (std::is_same_v<decltype(field), const std::optional<std::string>&>) {
      json[key] = field ? nlohmann::ordered_json(*field) : nlohmann::ordered_json();
    } else {
      json[key] = field;
    }
  });
  return json;
}

TokenRoles roles_from_json(const nlohmann::json& json, const std::string& source) {
  TokenRoles roles;
  visit_roles(roles, [&](const char* key, auto& field) {
    if (!json.is_object() || !json.contains(key) || json[key].is_null()) return;
    using Field = std::remove_cvref_t<decltype(field)>;
    using Value = std::conditional_t<std::is_same_v<Field, std::optional<std::string>>, std::string, Field>;
    field = get<Value>(json, key, "what a token means", source);
  });
  return roles;
}

void check_tensors(const ParameterList& tensors, const std::string& source) {
  for (const NamedTensor& tensor : tensors) {
    const Tensor& value = tensor.value;
    if (value.scalar_type() != at::kFloat) {
      fail("{}: tensor '{}' is {}, expected float32", source, tensor.name, c10::toString(value.scalar_type()));
    }
    if (const auto fault = fault_of(value)) fail_damaged(tensor.name, *fault, source);
  }
}

/// For a name that an adapter on the hub may have; "" for others.
std::string how_to_fetch(const fs::path& folder) {
  const bool may_be_id = std::distance(folder.begin(), folder.end()) == 2 && folder.is_relative();
  if (!may_be_id || fs::exists(folder)) return "";
  return fmt::format("; one of the Hugging Face hub is fetched by 'hf download {}'", folder.string());
}

/// adapter.json; the tensors stay empty.
SavedAdapter read_description(const fs::path& folder) {
  const fs::path path = folder / kSpecFile;
  const std::string source = path.string();
  settle_folder(folder);
  if (!fs::is_regular_file(path) && has_checkpoint(folder)) {
    fail("{}: holds a model, not an adapter: give it as --model", folder.string());
  }
  if (!fs::is_regular_file(path)) {
    fail(
        "{}: no such file; expected a folder that sure or PEFT saved (adapter.json or adapter_config.json), or a whole "
        "model (config.json){}",
        source, how_to_fetch(folder));
  }
  const nlohmann::json json = read_json(path);
  check_version(json, source);
  check_keys(json, source);

  SavedAdapter adapter;
  adapter.spec.task = get<std::string>(json, "task", "a string", source);
  adapter.spec.labels = get<std::vector<std::string>>(json, "labels", "a list of strings", source);
  if (const std::set<std::string> distinct(adapter.spec.labels.begin(), adapter.spec.labels.end());
      distinct.size() != adapter.spec.labels.size()) {
    fail("{}: 'labels' names a class twice", source);
  }
  adapter.fingerprint = get<std::string>(json, "fingerprint", "a string", source);
  options_from_json(adapter.spec.model, json["model"], source);
  options_from_json(adapter.spec.tuning, json["tuning"], source);
  options_from_json(adapter.spec.head, json["head"], source);
  options_from_json(adapter.spec.target, json["target"], source);
  std::string& model = adapter.spec.model.model;
  if (json.contains("model_also_known_as") && !has_model(model)) {
    const auto other = get<std::string>(json, "model_also_known_as", "a string", source);
    if (has_model(other)) model = other;
  }
  if (json.contains("tokens")) adapter.spec.roles = roles_from_json(json["tokens"], source);
  return adapter;
}

bool holds_adapter(const fs::path& folder) { return fs::is_regular_file(folder / kSpecFile) || is_peft_folder(folder); }

/// Throws Error where a run's folder, which has a config.json as models do, holds other runs, or nothing saved yet.
void check_is_no_run(const fs::path& folder) {
  if (has_checkpoint(folder)) return;
  std::vector<std::string> runs;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (holds_adapter(entry.path() / "best_model")) runs.push_back(entry.path().string());
  }
  std::sort(runs.begin(), runs.end());
  if (!runs.empty()) fail("{}: holds the adapters of several runs: name one, as in {}", folder.string(), runs.front());
  const fs::path config = folder / "config.json";
  if (!fs::is_regular_file(config) || !read_json(config).contains("output_dir")) return;
  fail("{}: a run that has saved no adapter: it ended before its first evaluation or checkpoint", folder.string());
}

}  // namespace

std::optional<int64_t> checkpoint_step(const fs::path& folder) {
  const std::string name = folder.filename().string();
  if (!name.starts_with(kCheckpointPrefix)) return std::nullopt;
  int64_t step = 0;
  const char* end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + kCheckpointPrefix.size(), end, step);
  return parsed.ec == std::errc() && parsed.ptr == end ? std::optional(step) : std::nullopt;
}

fs::path find_adapter(const fs::path& folder) {
  if (holds_adapter(folder) || !fs::is_directory(folder)) return folder;
  if (holds_adapter(folder / "best_model")) return folder / "best_model";
  fs::path newest = folder;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (holds_adapter(entry.path()) && checkpoint_step(entry.path()) > checkpoint_step(newest)) newest = entry.path();
  }
  if (newest == folder) check_is_no_run(folder);
  return newest;
}

void write_adapter_folder(const fs::path& folder, const SavedAdapter& adapter) {
  ModelOptions model = adapter.spec.model;
  if (fs::is_directory(model.model)) model.model = fs::canonical(model.model).string();

  nlohmann::ordered_json json;
  json["format_version"] = kFormatVersion;
  json["task"] = adapter.spec.task;
  json["labels"] = adapter.spec.labels;
  json["fingerprint"] = adapter.fingerprint;
  json["model"] = options_to_json(model);
  const std::string other = other_name_of_model(model.model);
  if (!other.empty()) json["model_also_known_as"] = other;
  json["tuning"] = options_to_json(adapter.spec.tuning);
  json["head"] = options_to_json(adapter.spec.head);
  json["target"] = options_to_json(adapter.spec.target);
  if (find_task(adapter.spec.task).output == OutputKind::transcript) {
    json["tokens"] = roles_to_json(vocabulary_of(adapter.spec).roles());
  }
  write_safetensors(folder / kTensorFile, adapter.tensors);
  write_file(folder / kSpecFile, json_text(json));
}

bool is_adapter_folder(const fs::path& folder) { return fs::is_regular_file(folder / kSpecFile); }

ModelSpec read_adapter_spec(const fs::path& folder) { return read_description(folder).spec; }

SavedAdapter read_adapter_folder(const fs::path& folder) {
  SavedAdapter adapter = read_description(folder);
  adapter.tensors = read_safetensors(folder / kTensorFile).tensors;
  check_tensors(adapter.tensors, (folder / kTensorFile).string());
  return adapter;
}

}  // namespace sure
