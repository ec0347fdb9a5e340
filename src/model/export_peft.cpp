// LoRA and (IA)³ as Python's PEFT writes them, for PeftModel.from_pretrained on the same backbone with a classification
// or CTC head.
#include <algorithm>
#include <map>
#include <set>

#include "backbone/key_map.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_text.h"
#include "formats/peft_adapter.h"
#include "model/adapted_model.h"
#include "model/export.h"
#include "model/hf_config.h"
#include "model/hf_tokenizer.h"
#include "model/python_lines.h"

namespace sure {

namespace {

/// What PEFT calls a method of ours.
const std::map<std::string, PeftType> kTypes = {{"ia3", PeftType::ia3}, {"lora", PeftType::lora}};

bool adapts_attention(const AdaptedModel& model) {
  const ParameterList adapters = tensors_below(model.trained(), "adapter.");
  return std::any_of(adapters.begin(), adapters.end(),
                     [](const NamedTensor& tensor) { return tensor.name.find(".attention.") != std::string::npos; });
}

void check_can_hold(const AdaptedModel& model) {
  const ModelSpec& spec = model.spec();
  if (model.task().output == OutputKind::embedding) {
    fail_usage(
        "export to peft: PEFT cannot tell the x-vector head's feature_extractor from the backbone's; export to hf");
  }
  if (!kTypes.contains(spec.tuning.method)) {
    const bool merges = find_row(tuning_methods(), spec.tuning.method, "method").merges;
    fail_usage("export to peft: PEFT has no form for {}, only for lora and ia3{}", spec.tuning.method,
               merges ? "; export to hf, which writes the whole model" : "");
  }
  if (!kind_of(model.backbone().config()).peft_reaches_attention && adapts_attention(model)) {
    fail_usage(
        "export to peft: on this model what PEFT does to the attention has no effect, as transformers reads the "
        "weights past it; export to hf, with the adapter merged");
  }
  if (spec.tuning.feat_enc_adapter) fail_usage("export to peft: PEFT cannot hold the adapters of --feat_enc_adapter");
  if (spec.head.use_weighted_layer_sum) {
    fail_usage("export to peft: PEFT cannot hold the layer weights of --use_weighted_layer_sum; export to hf instead");
  }
}

/// The layers that have such a tensor: the ends of their names where no layer is left out, else whole names, as PEFT
/// would adapt the others too.
std::vector<std::string> layers_with(const AdaptedModel& model, const std::string& tensor_name,
                                     bool scales_inputs = false) {
  const bool all = model.spec().tuning.tune_layers.empty();
  std::set<std::string> layers;
  for (const NamedTensor& tensor : tensors_below(model.trained(), "adapter.")) {
    const size_t end = tensor.name.rfind('.');
    if (tensor.name.substr(end + 1) != tensor_name || (scales_inputs && tensor.value.size(0) != 1)) continue;
    const std::string layer = tensor.name.substr(0, end);
    layers.insert(all ? layer.substr(layer.rfind('.') + 1) : layer);
  }
  return {layers.begin(), layers.end()};
}

void set_lora(const AdaptedModel& model, PeftAdapter& peft) {
  const TuningOptions& tuning = model.spec().tuning;
  peft.rank = tuning.lora_rank;
  peft.alpha = tuning.lora_alpha;
  peft.target_modules = tuning.lora_targets;
  if (!tuning.tune_layers.empty()) peft.target_modules = layers_with(model, "lora_A");
}

void set_ia3(const AdaptedModel& model, PeftAdapter& peft) {
  peft.target_modules = layers_with(model, "ia3_l");
  peft.feedforward_modules = layers_with(model, "ia3_l", true);
}

}  // namespace

void export_peft(const AdaptedModel& model, const std::filesystem::path& folder) {
  const ModelSpec& spec = model.spec();
  check_can_hold(model);
  PeftAdapter peft;
  peft.type = kTypes.at(spec.tuning.method);
  const bool is_lora = peft.type == PeftType::lora;
  if (is_lora) {
    set_lora(model, peft);
  } else {
    set_ia3(model, peft);
  }
  const bool transcript = model.task().output == OutputKind::transcript;
  peft.modules_to_save =
      transcript ? std::vector<std::string>{"lm_head"} : std::vector<std::string>{"projector", "classifier"};
  peft.base_model = base_folder(spec.model.model);
  const BackboneKind& kind = kind_of(model.backbone().config());
  for (const NamedTensor& tensor : tensors_below(model.trained(), "adapter.")) {
    peft.tensors.push_back({checkpoint_name(kind, tensor.name) + (is_lora ? ".weight" : ""), tensor.value});
  }
  for (const NamedTensor& tensor : tensors_below(model.trained(), "head.")) peft.tensors.push_back(tensor);
  write_export(folder, [&](const auto& path) {
    write_peft_adapter(path, peft);
    write_file(path / "preprocessor_config.json", json_text(preprocessor_config(model.backbone().config())));
    if (transcript) write_tokenizer(path, vocabulary_of(spec));
    write_use(model, ExportKind::peft, folder, path);
  });
}

}  // namespace sure
