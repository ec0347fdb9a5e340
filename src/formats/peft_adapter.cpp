#include "formats/peft_adapter.h"

#include <algorithm>
#include <set>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/strict_json.h"
#include "formats/checkpoint_folder.h"
#include "formats/safetensors.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

using nlohmann::json;

constexpr const char* kConfigFile = "adapter_config.json";
constexpr const char* kTensorFile = "adapter_model.safetensors";
constexpr const char* kPickleFile = "adapter_model.bin";
constexpr std::string_view kPrefix = "base_model.model.";
constexpr std::string_view kLoraSuffix = ".lora_A.weight";

/// Switches of LoraConfig that change the formula or the names of the tensors.
constexpr const char* kUnsupported[] = {
    "use_dora",
    "lora_bias",
    "bias",
    "rank_pattern",
    "alpha_pattern",
    "use_qalora",
    "use_bdlora",
    "fan_in_fan_out",
    "arrow_config",
    "layer_replication",
    "kasa_config",
    "monteclora_config",
    "velora_config",
    "target_parameters",
    "trainable_token_indices",
    "alora_invocation_tokens",
};

/// Initialisations that leave the base weights as they are; the others (PiSSA, OLoRA …) take part of them away.
constexpr const char* kPureInitialisations[] = {"gaussian", "orthogonal", "eva"};

bool is_off(const json& value) {
  return value.is_null() || value == false || value == "none" || (value.is_structured() && value.empty());
}

void check_supported(const json& config, const std::string& file) {
  if (config.value("peft_type", json()) != "LORA") {
    fail("{}: peft_type is {}; only LORA can be loaded", file, config.value("peft_type", json()).dump());
  }
  for (const char* key : kUnsupported) {
    if (config.contains(key) && !is_off(config[key])) {
      fail("{}: '{}' is {}; only plain LoRA without it can be loaded", file, key, quote(config[key].dump()));
    }
  }
  const json start = config.value("init_lora_weights", json(true));
  const bool pure =
      start.is_boolean() || std::count(std::begin(kPureInitialisations), std::end(kPureInitialisations), start) > 0;
  if (!pure)
    fail("{}: 'init_lora_weights' is {}, which changes the base model; convert it to plain LoRA by PEFT", file,
         start.dump());
}

/// The value of `key`, or `fallback` where it is null or not there.
template <class T>
T get(const json& config, const char* key, const T& fallback, const std::string& file) {
  if (!config.contains(key) || config[key].is_null()) return fallback;
  try {
    return config[key].get<T>();
  } catch (const json::exception&) {
    fail("{}: '{}' has the wrong type ({})", file, key, quote(config[key].dump()));
  }
}

/// Last parts of the names of all adapted layers: a regular expression chose them.
std::vector<std::string> adapted_modules(const ParameterList& tensors) {
  std::set<std::string> modules;
  for (const NamedTensor& tensor : tensors) {
    const std::string_view name = tensor.name;
    if (!name.ends_with(kLoraSuffix)) continue;
    const std::string_view layer = name.substr(0, name.size() - kLoraSuffix.size());
    modules.emplace(layer.substr(layer.rfind('.') + 1));
  }
  return {modules.begin(), modules.end()};
}

ParameterList read_tensors(const fs::path& folder) {
  const bool pickled = !fs::exists(folder / kTensorFile);
  const fs::path path = folder / (pickled ? kPickleFile : kTensorFile);
  if (pickled && !fs::exists(path)) fail("{}: has neither {} nor {}", folder.string(), kTensorFile, kPickleFile);
  ParameterList tensors = pickled ? read_pytorch_bin(path) : read_safetensors(path).tensors;
  for (NamedTensor& tensor : tensors) {
    if (!tensor.name.starts_with(kPrefix)) {
      fail("{}: tensor {} does not start with '{}'; not an adapter of PEFT", path.string(), quote(tensor.name),
           kPrefix);
    }
    tensor.name.erase(0, kPrefix.size());
  }
  return tensors;
}

/// PEFT fills in the keys that are left out with its own defaults.
json make_config(const PeftLora& adapter) {
  return {{"peft_type", "LORA"},
          {"task_type", nullptr},
          {"base_model_name_or_path", adapter.base_model},
          {"r", adapter.rank},
          {"lora_alpha", adapter.alpha},
          {"lora_dropout", 0.0},
          {"use_rslora", adapter.rank_stabilised},
          {"bias", "none"},
          {"fan_in_fan_out", false},
          {"init_lora_weights", true},
          {"inference_mode", true},
          {"target_modules", adapter.target_modules},
          {"modules_to_save", adapter.modules_to_save}};
}

}  // namespace

bool is_peft_folder(const fs::path& folder) { return fs::is_regular_file(folder / kConfigFile); }

PeftLora read_peft_lora(const fs::path& folder) {
  const std::string file = (folder / kConfigFile).string();
  const json config = parse_json(read_file(file), file);
  if (!config.is_object()) fail("{}: expected a JSON object", file);
  check_supported(config, file);

  PeftLora adapter;
  adapter.rank = get<int64_t>(config, "r", 8, file);
  adapter.alpha = get<double>(config, "lora_alpha", 8, file);
  adapter.rank_stabilised = get(config, "use_rslora", false, file);
  if (adapter.rank < 1) fail("{}: 'r' is {}, expected at least 1", file, adapter.rank);
  adapter.base_model = get<std::string>(config, "base_model_name_or_path", "", file);
  adapter.modules_to_save = get<std::vector<std::string>>(config, "modules_to_save", {}, file);
  adapter.tensors = read_tensors(folder);
  const bool listed = config.contains("target_modules") && config["target_modules"].is_array();
  adapter.target_modules =
      listed ? get<std::vector<std::string>>(config, "target_modules", {}, file) : adapted_modules(adapter.tensors);
  if (adapter.target_modules.empty()) fail("{}: adapts no layer", file);
  return adapter;
}

void write_peft_lora(const fs::path& folder, const PeftLora& adapter) {
  ParameterList tensors = adapter.tensors;
  for (NamedTensor& tensor : tensors) tensor.name.insert(0, kPrefix);
  write_safetensors(folder / kTensorFile, tensors, {{"format", "pt"}});
  write_file(folder / kConfigFile, make_config(adapter).dump(2) + "\n");
}

}  // namespace sure
