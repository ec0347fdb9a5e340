#include "model/peft_import.h"

#include <algorithm>
#include <cmath>
#include <regex>
#include <set>

#include "core/error.h"

namespace sure {

namespace {

const std::vector<std::string> kHeadTensors = {"projector.weight", "projector.bias", "classifier.weight",
                                               "classifier.bias"};

const Tensor* find_tensor(const ParameterList& tensors, const std::string& name) {
  const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const NamedTensor& t) { return t.name == name; });
  return found == tensors.end() ? nullptr : &found->value;
}

/// Adds a LoRA tensor under our name, and the layer it adapts to `targets`.
void add_lora_tensor(const NamedTensor& tensor, const std::string& model_type, const std::string& origin,
                     SavedAdapter& adapter, std::set<std::string>& targets) {
  static const std::regex pattern(R"((?:(\w+)\.)?(encoder\.layers\.\d+\.\w+\.(\w+)\.lora_[AB])\.weight)");
  std::smatch match;
  if (!std::regex_match(tensor.name, match, pattern) || (match[1].matched && match[1] != model_type)) {
    fail("{}: tensor '{}' cannot be used: LoRA is supported on the linear layers below '{}.encoder.layers'", origin,
         tensor.name, model_type);
  }
  targets.insert(match[3]);
  adapter.tensors.push_back({"adapter." + match[2].str(), tensor.value.to(at::kFloat)});
}

void add_head_tensor(const std::string& name, const PeftLora& peft, const LoadedBackbone& base,
                     const std::string& origin, SavedAdapter& adapter) {
  const Tensor* value = find_tensor(peft.tensors, name);
  if (value == nullptr) value = find_tensor(base.unused, name);
  if (value == nullptr) {
    fail(
        "{}: no tensor '{}', and the base model has none either; train with modules_to_save=['projector', "
        "'classifier']",
        origin, name);
  }
  adapter.tensors.push_back({"head." + name, value->to(at::kFloat)});
}

/// Class names of a config.json, empty when they are the placeholders LABEL_0, LABEL_1 …
std::vector<std::string> labels_of_config(const nlohmann::json& config) {
  std::vector<std::string> labels;
  const nlohmann::json names = config.value("id2label", nlohmann::json());
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string key = std::to_string(i);
    if (!names.is_object() || !names.contains(key) || !names[key].is_string()) return {};
    labels.push_back(names[key]);
    if (labels.back() == "LABEL_" + key) return {};
  }
  return labels;
}

std::vector<std::string> choose_labels(const std::vector<std::string>& given, const LoadedBackbone& base,
                                       size_t classes, const std::string& origin) {
  if (!given.empty()) {
    if (given.size() == classes) return given;
    fail_usage("--labels names {} classes, but the classifier of {} has {}", given.size(), origin, classes);
  }
  std::vector<std::string> labels = labels_of_config(base.backbone->config().raw);
  if (labels.size() == classes) return labels;
  fail_usage("{}: PEFT keeps no class names; pass the {} names, in training order, with --labels", origin, classes);
}

}  // namespace

SavedAdapter adapter_from_peft(const PeftLora& peft, const LoadedBackbone& base, const std::vector<std::string>& labels,
                               const std::string& origin) {
  const BackboneConfig& config = base.backbone->config();
  std::vector<std::string> head = kHeadTensors;
  SavedAdapter adapter;
  adapter.fingerprint = base.fingerprint;
  const auto weighted = config.raw.find("use_weighted_layer_sum");
  adapter.spec.head.use_weighted_layer_sum = weighted != config.raw.end() && *weighted == true;
  if (adapter.spec.head.use_weighted_layer_sum) head.emplace_back("layer_weights");
  for (const std::string& name : head) add_head_tensor(name, peft, base, origin, adapter);

  std::set<std::string> targets;
  for (const NamedTensor& tensor : peft.tensors) {
    if (std::find(head.begin(), head.end(), tensor.name) != head.end()) continue;
    add_lora_tensor(tensor, config.model_type, origin, adapter, targets);
  }
  TuningOptions& tuning = adapter.spec.tuning;
  tuning.method = "lora";
  tuning.lora_rank = peft.rank;
  tuning.lora_alpha = peft.rank_stabilised ? peft.alpha * std::sqrt(static_cast<double>(peft.rank)) : peft.alpha;
  tuning.lora_targets.assign(targets.begin(), targets.end());

  adapter.spec.task = "classify";
  const Tensor& classifier = *find_tensor(adapter.tensors, "head.classifier.weight");
  adapter.spec.labels = choose_labels(labels, base, classifier.dim() == 2 ? classifier.size(0) : 0, origin);
  adapter.spec.head.classifier_proj_size = classifier.size(-1);
  return adapter;
}

}  // namespace sure
