#include "formats/peft_adapter.h"

#include <algorithm>
#include <cmath>
#include <regex>
#include <set>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_text.h"
#include "core/strict_json.h"
#include "formats/checkpoint_folder.h"
#include "formats/finite.h"
#include "formats/safetensors.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

using nlohmann::json;

constexpr const char* kConfigFile = "adapter_config.json";
constexpr const char* kTensorFile = "adapter_model.safetensors";
constexpr const char* kPickleFile = "adapter_model.bin";
constexpr std::string_view kPrefix = "base_model.model.";
constexpr std::string_view kDown = ".lora_A.weight";
constexpr std::string_view kUp = ".lora_B.weight";
constexpr std::string_view kScale = ".ia3_l";
const std::map<std::string, PeftType> kTypes = {{"IA3", PeftType::ia3}, {"LORA", PeftType::lora}};

/// Switches of LoraConfig that change the formula or the names of the tensors.
constexpr const char* kUnsupported[] = {
    "use_dora",
    "lora_bias",
    "bias",
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

/// A value for a message: strings in quotes, once.
std::string shown(const json& value) { return value.is_string() ? quote(value.get<std::string>()) : value.dump(); }

bool is_off(const json& value) {
  return value.is_null() || value == false || value == "none" || (value.is_structured() && value.empty());
}

PeftType type_of(const json& config, const std::string& file) {
  const json name = config.value("peft_type", json());
  const auto found = name.is_string() ? kTypes.find(name.get<std::string>()) : kTypes.end();
  if (found == kTypes.end()) fail("{}: peft_type is {}; only LORA and IA3 can be loaded", file, shown(name));
  return found->second;
}

void check_supported(const json& config, const std::string& file) {
  for (const char* key : kUnsupported) {
    if (config.contains(key) && !is_off(config[key])) {
      fail("{}: '{}' is {}; only plain LoRA without it can be loaded", file, key, shown(config[key]));
    }
  }
  const json start = config.value("init_lora_weights", json(true));
  const bool pure =
      start.is_boolean() || std::count(std::begin(kPureInitialisations), std::end(kPureInitialisations), start) > 0;
  if (!pure)
    fail("{}: 'init_lora_weights' is {}, which changes the base model; convert it to plain LoRA by PEFT", file,
         shown(start));
}

/// The value of `key`, or `fallback` where it is null or not there.
template <class T>
T get(const json& config, const char* key, const T& fallback, const std::string& file) {
  if (!config.contains(key) || config[key].is_null()) return fallback;
  try {
    return config[key].get<T>();
  } catch (const json::exception&) {
    fail("{}: '{}' has the wrong type ({})", file, key, shown(config[key]));
  }
}

/// Of a tensor that PEFT trains in a layer: the layer's name. Empty for others.
std::string layer_of(const std::string& tensor) {
  for (const std::string_view end : {kDown, kUp, kScale}) {
    if (tensor.ends_with(end)) return tensor.substr(0, tensor.size() - end.size());
  }
  return "";
}

/// Last parts of the names of all adapted layers: a regular expression chose them.
std::vector<std::string> adapted_modules(const PeftAdapter& adapter) {
  std::set<std::string> modules;
  for (const std::string& layer : adapted_layers(adapter)) modules.insert(layer.substr(layer.rfind('.') + 1));
  return {modules.begin(), modules.end()};
}

/// Of the model that was adapted; PEFT notes it where it was told no task_type.
std::string base_class(const json& config) {
  const json mapping = config.value("auto_mapping", json());
  const json name = mapping.is_object() ? mapping.value("base_model_class", json()) : json();
  return name.is_string() ? name.get<std::string>() : "";
}

ParameterList read_tensors(const fs::path& folder) {
  const bool pickled = !fs::exists(folder / kTensorFile);
  const fs::path path = folder / (pickled ? kPickleFile : kTensorFile);
  if (pickled && !fs::exists(path)) fail("{}: has neither {} nor {}", folder.string(), kTensorFile, kPickleFile);
  ParameterList tensors = pickled ? read_pytorch_bin(path) : read_safetensors(path).tensors;
  check_finite(tensors, path);
  for (NamedTensor& tensor : tensors) {
    if (!tensor.name.starts_with(kPrefix)) {
      fail("{}: tensor {} does not start with '{}'; not an adapter of PEFT", path.string(), quote(tensor.name),
           kPrefix);
    }
    tensor.name.erase(0, kPrefix.size());
  }
  return tensors;
}

/// The value of the first pattern that fits the end of the layer's name, as PEFT looks for it.
template <class Value>
Value value_for(const std::string& layer, const std::map<std::string, Value>& patterns, Value fallback,
                const std::string& origin) {
  for (const auto& [pattern, value] : patterns) {
    try {
      if (std::regex_match(layer, std::regex(fmt::format("(.*\\.)?({})", pattern)))) return value;
    } catch (const std::regex_error&) {
      fail("{}: '{}' in rank_pattern or alpha_pattern is no regular expression that can be read here", origin,
           quote(pattern));
    }
  }
  return fallback;
}

PeftLayer make_layer(const PeftAdapter& adapter, const std::string& name, const std::string& origin) {
  const Tensor* a = find_tensor(adapter.tensors, name + std::string(kDown));
  const Tensor* b = find_tensor(adapter.tensors, name + std::string(kUp));
  if (a == nullptr || b == nullptr) fail("{}: tensor '{}{}' is missing", origin, name, a == nullptr ? kDown : kUp);
  if (a->dim() > 2 || b->dim() > 2)
    fail("{}: '{}' is a convolution; only LoRA on linear layers can be loaded", origin, name);
  const int64_t rank = value_for(name, adapter.rank_pattern, adapter.rank, origin);
  const bool fits = a->dim() == 2 && b->dim() == 2 && a->size(0) == b->size(1);
  if (!fits || a->size(0) != rank) {
    fail("{}: LoRA of '{}' is {} and {}, expected rank {} as the config says", origin, name, a->sizes(), b->sizes(),
         rank);
  }
  const double alpha = value_for(name, adapter.alpha_pattern, adapter.alpha, origin);
  const auto parts = static_cast<double>(rank);
  return {name, a->to(at::kFloat), b->to(at::kFloat), alpha / (adapter.rank_stabilised ? std::sqrt(parts) : parts)};
}

json type_config(const PeftAdapter& adapter) {
  if (adapter.type == PeftType::ia3) {
    return {{"peft_type", "IA3"}, {"feedforward_modules", adapter.feedforward_modules}, {"init_ia3_weights", true}};
  }
  return {{"peft_type", "LORA"},
          {"r", adapter.rank},
          {"lora_alpha", adapter.alpha},
          {"lora_dropout", 0.0},
          {"use_rslora", adapter.rank_stabilised},
          {"rank_pattern", json(adapter.rank_pattern)},
          {"alpha_pattern", json(adapter.alpha_pattern)},
          {"bias", "none"},
          {"init_lora_weights", true}};
}

/// PEFT fills in the keys that are left out with its own defaults.
json make_config(const PeftAdapter& adapter) {
  json config = type_config(adapter);
  config.update({{"task_type", nullptr},
                 {"base_model_name_or_path", adapter.base_model},
                 {"fan_in_fan_out", false},
                 {"inference_mode", true},
                 {"target_modules", adapter.target_modules},
                 {"modules_to_save", adapter.modules_to_save}});
  return config;
}

}  // namespace

std::vector<std::string> adapted_layers(const PeftAdapter& adapter) {
  std::set<std::string> names;
  for (const NamedTensor& tensor : adapter.tensors) {
    if (const std::string layer = layer_of(tensor.name); !layer.empty()) names.insert(layer);
  }
  return {names.begin(), names.end()};
}

std::vector<PeftLayer> lora_layers(const PeftAdapter& adapter, const std::string& origin) {
  std::vector<PeftLayer> layers;
  for (const std::string& name : adapted_layers(adapter)) layers.push_back(make_layer(adapter, name, origin));
  return layers;
}

ParameterList ia3_scales(const PeftAdapter& adapter) {
  ParameterList scales;
  for (const NamedTensor& tensor : adapter.tensors) {
    if (tensor.name.ends_with(kScale)) scales.push_back({layer_of(tensor.name), tensor.value.to(at::kFloat)});
  }
  return scales;
}

ParameterList saved_modules(const PeftAdapter& adapter) {
  constexpr std::string_view kBase = ".base_layer.";
  ParameterList saved;
  for (const NamedTensor& tensor : adapter.tensors) {
    if (!layer_of(tensor.name).empty()) continue;
    NamedTensor renamed = tensor;
    if (const size_t at = renamed.name.find(kBase); at != std::string::npos)
      renamed.name.replace(at, kBase.size(), ".");
    saved.push_back(std::move(renamed));
  }
  return saved;
}

bool is_peft_folder(const fs::path& folder) { return fs::is_regular_file(folder / kConfigFile); }

PeftAdapter read_peft_adapter(const fs::path& folder) {
  const std::string file = (folder / kConfigFile).string();
  const json config = parse_json(read_file(file), file);
  if (!config.is_object()) fail("{}: expected a JSON object", file);
  PeftAdapter adapter;
  adapter.type = type_of(config, file);
  check_supported(config, file);
  adapter.rank = get<int64_t>(config, "r", 8, file);
  adapter.alpha = get<double>(config, "lora_alpha", 8, file);
  adapter.rank_stabilised = get(config, "use_rslora", false, file);
  if (adapter.rank < 1) fail("{}: 'r' is {}, expected at least 1", file, adapter.rank);
  adapter.rank_pattern = get<std::map<std::string, int64_t>>(config, "rank_pattern", {}, file);
  adapter.alpha_pattern = get<std::map<std::string, double>>(config, "alpha_pattern", {}, file);
  adapter.base_class = base_class(config);
  adapter.base_model = get<std::string>(config, "base_model_name_or_path", "", file);
  adapter.modules_to_save = get<std::vector<std::string>>(config, "modules_to_save", {}, file);
  adapter.tensors = read_tensors(folder);
  const bool listed = config.contains("target_modules") && config["target_modules"].is_array();
  adapter.target_modules =
      listed ? get<std::vector<std::string>>(config, "target_modules", {}, file) : adapted_modules(adapter);
  if (adapter.target_modules.empty()) fail("{}: adapts no layer", file);
  return adapter;
}

void write_peft_adapter(const fs::path& folder, const PeftAdapter& adapter) {
  ParameterList tensors = adapter.tensors;
  for (NamedTensor& tensor : tensors) tensor.name.insert(0, kPrefix);
  write_safetensors(folder / kTensorFile, tensors, {{"format", "pt"}});
  write_file(folder / kConfigFile, json_text(make_config(adapter)));
}

}  // namespace sure
