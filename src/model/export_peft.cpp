// LoRA as Python's PEFT writes it, for PeftModel.from_pretrained on the same backbone with a classification head.
#include "core/error.h"
#include "formats/peft_adapter.h"
#include "model/adapted_model.h"
#include "model/export.h"

namespace sure {

namespace {

void check_can_hold(const ModelSpec& spec) {
  if (spec.tuning.method != "lora") {
    fail_usage("export to peft: this adapter was trained by {}, only lora can be exported", spec.tuning.method);
  }
  if (spec.tuning.feat_enc_adapter) fail_usage("export to peft: PEFT cannot hold the adapters of --feat_enc_adapter");
  if (spec.head.use_weighted_layer_sum) {
    fail_usage("export to peft: PEFT cannot hold the layer weights of --use_weighted_layer_sum; export to hf instead");
  }
}

}  // namespace

void export_peft(const AdaptedModel& model, const std::filesystem::path& folder) {
  const ModelSpec& spec = model.spec();
  check_can_hold(spec);
  PeftLora peft;
  peft.rank = spec.tuning.lora_rank;
  peft.alpha = spec.tuning.lora_alpha;
  peft.target_modules = spec.tuning.lora_targets;
  peft.modules_to_save = {"projector", "classifier"};
  peft.base_model = spec.model.model;
  const std::string& base = model.backbone().config().model_type;
  for (const NamedTensor& tensor : tensors_below(model.trained(), "adapter.")) {
    peft.tensors.push_back({base + "." + tensor.name + ".weight", tensor.value});
  }
  for (const NamedTensor& tensor : tensors_below(model.trained(), "head.")) peft.tensors.push_back(tensor);
  write_export(folder, "adapter_config.json", [&](const auto& path) { write_peft_lora(path, peft); });
}

}  // namespace sure
