#include "model/peft_import.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>

#include <algorithm>
#include <map>
#include <set>

#include "backbone/key_map.h"
#include "core/error.h"
#include "model/foreign_head.h"
#include "tuning/ia3.h"
#include "tuning/lora.h"

namespace sure {

namespace {

/// "UniSpeechForCTC" and "UniSpeechModel" are of UniSpeech, "UniSpeechSatForCTC" is not.
bool is_class_of(const BackboneKind& kind, std::string_view name) {
  if (!name.starts_with(kind.python_class)) return false;
  name.remove_prefix(kind.python_class.size());
  return name.starts_with("For") || name.starts_with("Model");
}

[[noreturn]] void refuse_architecture(const PeftAdapter& peft, const BackboneConfig& base, const std::string& found,
                                      const std::string& origin) {
  fail("{}: an adapter for another architecture: it was trained on a {}{}, and --model is a {}", origin, found,
       peft.base_model.empty() ? "" : " (" + peft.base_model + ")", base.model_type);
}

/// "encoder.layers.3.attention.q_proj" -> "q_proj"
std::string last_part(const std::string& name) { return name.substr(name.rfind('.') + 1); }

/// The ends of the layers' names where all layers with such an end are adapted, else whole names.
std::vector<std::string> target_names(const std::vector<PeftLayer>& layers, const std::vector<std::string>& all) {
  std::map<std::string, int64_t> open;
  for (const std::string& name : all) ++open[last_part(name)];
  for (const PeftLayer& layer : layers) --open[last_part(layer.name)];
  std::set<std::string> targets;
  for (const PeftLayer& layer : layers) {
    const std::string end = last_part(layer.name);
    targets.insert(open[end] == 0 ? end : layer.name);
  }
  return {targets.begin(), targets.end()};
}

}  // namespace

const Site* find_projection(const SiteList& sites, const std::string& name) {
  const auto found = std::find_if(sites.begin(), sites.end(), [&](const Site& site) {
    return site.kind == SiteKind::kProjection && site.name == name;
  });
  return found == sites.end() ? nullptr : &*found;
}

void check_shape(const PeftLayer& layer, const Site& site, const std::string& origin) {
  if (layer.a.size(1) == site.in && layer.b.size(0) == site.out) return;
  fail(
      "{}: an adapter for a model of another size: '{}' takes {} values and makes {}, this model's takes {} and makes "
      "{}",
      origin, layer.name, layer.a.size(1), layer.b.size(0), site.in, site.out);
}

void add_lora(const std::vector<PeftLayer>& layers, const SiteList& sites, SavedAdapter& adapter) {
  const auto is_like_first = [&](const PeftLayer& layer) {
    return layer.a.size(0) == layers[0].a.size(0) && layer.scaling == layers[0].scaling;
  };
  const bool alike = std::all_of(layers.begin(), layers.end(), is_like_first);
  int64_t rank = 0;
  for (const PeftLayer& layer : layers) rank = std::max(rank, layer.a.size(0));
  TuningOptions& tuning = adapter.spec.tuning;
  tuning.method = "lora";
  tuning.lora_targets = target_names(layers, linear_layers(sites));
  tuning.lora_rank = rank;
  tuning.lora_alpha = static_cast<double>(rank) * (alike ? layers[0].scaling : 1);
  for (const PeftLayer& layer : layers) {
    const int64_t missing = rank - layer.a.size(0);
    const Tensor b = alike ? layer.b : layer.b * layer.scaling;
    adapter.tensors.push_back({"adapter." + layer.name + ".lora_A", at::constant_pad_nd(layer.a, {0, 0, 0, missing})});
    adapter.tensors.push_back({"adapter." + layer.name + ".lora_B", at::constant_pad_nd(b, {0, missing})});
  }
}

namespace {

/// W += scaling · B A, W being the head's weight in `own` or else in the base's checkpoint.
void merge_into_head(const PeftLayer& layer, const LoadedBackbone& base, ParameterList& own,
                     const std::string& origin) {
  const std::string name = layer.name + ".weight";
  const auto is_meant = [&](const NamedTensor& tensor) { return tensor.name == name; };
  auto found = std::find_if(own.begin(), own.end(), is_meant);
  if (found == own.end()) {
    const auto in_base = std::find_if(base.unused.begin(), base.unused.end(), is_meant);
    if (in_base == base.unused.end()) {
      fail(
          "{}: LoRA on '{}', but neither the adapter nor the base model has its weight; pass the whole model with "
          "--model",
          origin, layer.name);
    }
    found = own.insert(own.end(), *in_base);
  }
  const Tensor delta = at::matmul(layer.b, layer.a) * layer.scaling;
  if (delta.sizes() != found->value.sizes()) {
    fail("{}: LoRA on '{}' is {}, its weight is {}", origin, layer.name, delta.sizes(), found->value.sizes());
  }
  found->value = found->value.to(at::kFloat) + delta;
}

[[noreturn]] void refuse_layer(const char* method, const std::string& layer, const LoadedBackbone& base,
                               const std::string& origin) {
  fail("{}: {} on '{}' cannot be used: this {} has {} layers, and no such linear layer", origin, method, layer,
       kind_of(base.backbone->config()).name, layer_count(base.backbone->sites()));
}

/// The backbone's layers by our names; what is laid over the head is merged into `own`.
std::vector<PeftLayer> take_lora(const PeftAdapter& peft, const LoadedBackbone& base, ParameterList& own,
                                 const std::string& origin) {
  std::vector<PeftLayer> layers;
  for (PeftLayer layer : lora_layers(peft, origin)) {
    const std::string name = canonical_name(kind_of(base.backbone->config()), layer.name);
    if (const Site* site = find_projection(base.backbone->sites(), name)) {
      check_shape(layer, *site, origin);
      layer.name = name;
      layers.push_back(std::move(layer));
    } else if (is_head_tensor(layer.name + ".weight")) {
      merge_into_head(layer, base, own, origin);
    } else {
      refuse_layer("LoRA", layer.name, base, origin);
    }
  }
  return layers;
}

/// Ours scales all layers: those that PEFT left out by one.
void add_ia3(const PeftAdapter& peft, const LoadedBackbone& base, const std::string& origin, SavedAdapter& adapter) {
  const SiteList& sites = base.backbone->sites();
  ParameterList scales = ia3_scales(peft);
  for (NamedTensor& scale : scales) {
    const std::string name = canonical_name(kind_of(base.backbone->config()), scale.name);
    const Site* site = find_projection(sites, name);
    if (site == nullptr) refuse_layer("(IA)³", scale.name, base, origin);
    const std::vector<int64_t> shape = ia3_shape(*site);
    if (scale.value.sizes() != shape) {
      fail(
          "{}: (IA)³ of '{}' is {}, which cannot be used: sure scales the outputs of k_proj and v_proj and the inputs "
          "of output_dense, here {}",
          origin, scale.name, scale.value.sizes(), shape);
    }
    scale.name = name;
  }
  adapter.spec.tuning.method = "ia3";
  for (const Site& site : sites_of(sites, SiteKind::kProjection)) {
    const std::vector<int64_t> shape = ia3_shape(site);
    if (shape.empty()) continue;
    const Tensor* scale = find_tensor(scales, site.name);
    adapter.tensors.push_back({"adapter." + site.name + ".ia3_l", scale != nullptr ? *scale : at::ones(shape)});
  }
}

}  // namespace

void check_architecture(const PeftAdapter& peft, const BackboneConfig& base, const std::string& origin) {
  const BackboneKind& kind = kind_of(base);
  if (!peft.base_class.empty() && !is_class_of(kind, peft.base_class)) {
    refuse_architecture(peft, base, peft.base_class, origin);
  }
  static const std::set<std::string> bare = {"encoder", "feature_projection", "feature_extractor"};
  for (const std::string& layer : adapted_layers(peft)) {
    const std::string top = layer.substr(0, layer.find('.'));
    if (top == kind.prefix || bare.contains(top) || is_head_tensor(layer + ".weight")) continue;
    refuse_architecture(peft, base, fmt::format("model with '{}'", layer), origin);
  }
}

SavedAdapter adapter_from_peft(const PeftAdapter& peft, const LoadedBackbone& base, const ForeignNames& names,
                               const std::vector<std::filesystem::path>& folders, const std::string& origin) {
  ParameterList own;
  for (const NamedTensor& tensor : saved_modules(peft)) {
    if (!is_head_tensor(tensor.name)) {
      fail("{}: tensor '{}' cannot be used: of modules_to_save only a head is supported", origin, tensor.name);
    }
    own.push_back(tensor);
  }
  const bool is_lora = peft.type == PeftType::lora;
  const std::vector<PeftLayer> layers = is_lora ? take_lora(peft, base, own, origin) : std::vector<PeftLayer>();
  SavedAdapter adapter = find_foreign_head(own, base, names, folders, origin);
  if (!layers.empty()) add_lora(layers, base.backbone->sites(), adapter);
  if (!is_lora) add_ia3(peft, base, origin, adapter);
  return adapter;
}

}  // namespace sure
