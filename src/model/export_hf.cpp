// A full checkpoint for transformers: Wav2Vec2For… or HubertFor… SequenceClassification, CTC or XVector.
#include <ATen/ops/zeros.h>
#include <nlohmann/json.hpp>

#include "backbone/key_map.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_text.h"
#include "core/registry.h"
#include "formats/safetensors.h"
#include "model/adapted_model.h"
#include "model/export.h"
#include "model/hf_config.h"
#include "model/hf_tokenizer.h"
#include "model/python_lines.h"

namespace sure {

namespace {

void check_can_hold(const AdaptedModel& model) {
  const ModelSpec& spec = model.spec();
  if (model.task().output == OutputKind::transcript && spec.head.use_weighted_layer_sum) {
    fail_usage(
        "export to hf: transformers' CTC models have no place for the layer weights of --use_weighted_layer_sum");
  }
  if (!find_row(tuning_methods(), spec.tuning.method, "method").merges) {
    std::vector<std::string> exportable;
    for (const TuningMethod& method : tuning_methods()) {
      if (method.merges) exportable.push_back(method.name);
    }
    fail_usage("export to hf: {} has modules that transformers lacks; only {} can be exported", spec.tuning.method,
               fmt::join(exportable, ", "));
  }
  if (spec.tuning.feat_enc_adapter) {
    fail_usage("export to hf: transformers has no place for the adapters of --feat_enc_adapter");
  }
  if (spec.model.bf16 || spec.model.int8) {
    fail_usage(
        "export to hf: bf16 and int8 have rounded the frozen weights; load the model with --bf16 False --int8 False");
  }
}

/// Of a batch norm, which in torch also counts its batches.
constexpr std::string_view kRunningMean = ".running_mean";

ParameterList checkpoint_tensors(const AdaptedModel& model) {
  const BackboneKind& kind = kind_of(model.backbone().config());
  ParameterList tensors;
  for (const NamedTensor& tensor : model.merged_backbone()) {
    tensors.push_back({checkpoint_name(kind, tensor.name), tensor.value});
    if (tensor.name.ends_with(kRunningMean)) {
      const std::string norm = tensor.name.substr(0, tensor.name.size() - kRunningMean.size());
      tensors.push_back({checkpoint_name(kind, norm + ".num_batches_tracked"), at::zeros({}, at::kLong)});
    }
  }
  for (const NamedTensor& tensor : tensors_below(model.trained(), "head.")) tensors.push_back(tensor);
  return tensors;
}

}  // namespace

void export_hf(const AdaptedModel& model, const std::filesystem::path& folder) {
  check_can_hold(model);
  const nlohmann::json config = model_config(model);
  const nlohmann::json preprocessor = preprocessor_config(model.backbone().config());
  write_export(folder, [&](const std::filesystem::path& path) {
    write_safetensors(path / "model.safetensors", checkpoint_tensors(model), {{"format", "pt"}});
    write_file(path / "config.json", json_text(config));
    write_file(path / "preprocessor_config.json", json_text(preprocessor));
    if (model.task().output == OutputKind::transcript) write_tokenizer(path, vocabulary_of(model.spec()));
    write_use(model, ExportKind::whole_model, folder, path);
  });
}

}  // namespace sure
