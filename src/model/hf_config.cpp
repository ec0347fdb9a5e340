#include "model/hf_config.h"

#include "core/error.h"

namespace sure {

namespace {

/// The end of a class's name.
const char* class_suffix(OutputKind output) {
  switch (output) {
    case OutputKind::labels:
      return "ForSequenceClassification";
    case OutputKind::transcript:
      return "ForCTC";
    case OutputKind::embedding:
      return "ForXVector";
  }
  return "";
}

int64_t projector_size(const AdaptedModel& model) {
  return model.spec().head.classifier_proj_size.value_or(model.backbone().config().classifier_proj_size);
}

void describe_classes(const AdaptedModel& model, nlohmann::json& config) {
  config["classifier_proj_size"] = projector_size(model);
  config["use_weighted_layer_sum"] = model.spec().head.use_weighted_layer_sum;
  // The last hidden state has the final norm behind it: always so in transformers 4, in 5 only when asked for.
  const HeadOptions& head = model.spec().head;
  if (head.use_weighted_layer_sum) config["tie_last_hidden_states"] = head.final_norm_in_layer_sum;
  nlohmann::json id2label;
  nlohmann::json label2id;
  for (size_t i = 0; i < model.spec().labels.size(); ++i) {
    id2label[std::to_string(i)] = model.spec().labels[i];
    label2id[model.spec().labels[i]] = i;
  }
  config["id2label"] = id2label;
  config["label2id"] = label2id;
}

/// The tokenizer names the tokens; the loss is the one that the model was trained by.
void describe_tokens(const AdaptedModel& model, nlohmann::json& config) {
  config["vocab_size"] = model.spec().labels.size();
  config["pad_token_id"] = vocabulary_of(model.spec()).blank();
  config["ctc_loss_reduction"] = "mean";
  config["ctc_zero_infinity"] = true;
}

}  // namespace

std::string transformers_class(const AdaptedModel& model) {
  const BackboneKind& kind = kind_of(model.backbone().config());
  const OutputKind output = model.task().output;
  if (output != OutputKind::embedding || kind.has_x_vector_class) return kind.python_class + class_suffix(output);
  fail_usage("export: transformers has no class for the task {} on '{}'", model.task().name, kind.name);
}

nlohmann::json model_config(const AdaptedModel& model) {
  nlohmann::json config = model.backbone().config().raw;
  // The weights written are fp32, whatever the base's were.
  for (const char* key : {"torch_dtype", "dtype", "transformers_version", "_name_or_path"}) config.erase(key);
  config["architectures"] = {transformers_class(model)};
  const bool transcript = model.task().output == OutputKind::transcript;
  (transcript ? describe_tokens : describe_classes)(model, config);
  return config;
}

nlohmann::json preprocessor_config(const BackboneConfig& config) {
  if (config.raw_preprocessor.is_object()) return config.raw_preprocessor;
  return {{"feature_extractor_type", "Wav2Vec2FeatureExtractor"},
          {"feature_size", 1},
          {"sampling_rate", config.sampling_rate},
          {"padding_value", 0.0},
          {"padding_side", "right"},
          {"do_normalize", config.do_normalize},
          {"return_attention_mask", config.return_attention_mask}};
}

}  // namespace sure
