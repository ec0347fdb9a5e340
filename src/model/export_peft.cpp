// LoRA as Python's PEFT writes it, for PeftModel.from_pretrained on the same backbone with a classification or CTC
// head.
#include <algorithm>

#include "backbone/key_map.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "formats/peft_adapter.h"
#include "model/adapted_model.h"
#include "model/export.h"
#include "model/hf_config.h"
#include "model/hf_tokenizer.h"
#include "model/python_lines.h"

namespace sure {

namespace {

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
  if (spec.tuning.method != "lora") {
    fail_usage("export to peft: this adapter was trained by {}, only lora can be exported", spec.tuning.method);
  }
  if (!kind_of(model.backbone().config()).peft_reaches_attention && adapts_attention(model)) {
    fail_usage(
        "export to peft: on this model PEFT's LoRA of the attention does nothing, as transformers reads the weights "
        "past it; export to hf, with the updates merged");
  }
  if (spec.tuning.feat_enc_adapter) fail_usage("export to peft: PEFT cannot hold the adapters of --feat_enc_adapter");
  if (spec.head.use_weighted_layer_sum) {
    fail_usage("export to peft: PEFT cannot hold the layer weights of --use_weighted_layer_sum; export to hf instead");
  }
}

/// The ends of names where no layer is left out, else whole names: PEFT would adapt the others too.
std::vector<std::string> target_modules(const AdaptedModel& model) {
  const TuningOptions& tuning = model.spec().tuning;
  if (tuning.tune_layers.empty()) return tuning.lora_targets;
  constexpr std::string_view kSuffix = ".lora_A";
  std::vector<std::string> layers;
  for (const NamedTensor& tensor : tensors_below(model.trained(), "adapter.")) {
    if (tensor.name.ends_with(kSuffix)) layers.push_back(tensor.name.substr(0, tensor.name.size() - kSuffix.size()));
  }
  return layers;
}

}  // namespace

void export_peft(const AdaptedModel& model, const std::filesystem::path& folder) {
  const ModelSpec& spec = model.spec();
  check_can_hold(model);
  PeftLora peft;
  peft.rank = spec.tuning.lora_rank;
  peft.alpha = spec.tuning.lora_alpha;
  peft.target_modules = target_modules(model);
  const bool transcript = model.task().output == OutputKind::transcript;
  peft.modules_to_save =
      transcript ? std::vector<std::string>{"lm_head"} : std::vector<std::string>{"projector", "classifier"};
  peft.base_model = base_folder(model);
  const BackboneKind& kind = kind_of(model.backbone().config());
  for (const NamedTensor& tensor : tensors_below(model.trained(), "adapter.")) {
    peft.tensors.push_back({checkpoint_name(kind, tensor.name) + ".weight", tensor.value});
  }
  for (const NamedTensor& tensor : tensors_below(model.trained(), "head.")) peft.tensors.push_back(tensor);
  write_export(folder, [&](const auto& path) {
    write_peft_lora(path, peft);
    write_file(path / "preprocessor_config.json", preprocessor_config(model.backbone().config()).dump(2) + "\n");
    if (transcript) write_tokenizer(path, vocabulary_of(spec));
    write_use(model, ExportKind::peft, folder, path);
  });
}

}  // namespace sure
