#include "model/hf_config.h"

#include <map>

#include "core/error.h"

namespace sure {

namespace {

const std::map<std::string, std::string> kArchitectures = {{"wav2vec2", "Wav2Vec2ForSequenceClassification"},
                                                           {"hubert", "HubertForSequenceClassification"}};

int64_t projector_size(const AdaptedModel& model) {
  const int64_t chosen = model.spec().head.classifier_proj_size;
  return chosen > 0 ? chosen : model.backbone().config().classifier_proj_size;
}

}  // namespace

nlohmann::json classification_config(const AdaptedModel& model) {
  const BackboneConfig& base = model.backbone().config();
  nlohmann::json config = base.raw;
  // The weights written are fp32, whatever the base's were.
  for (const char* key : {"torch_dtype", "dtype", "transformers_version", "_name_or_path"}) config.erase(key);
  const auto architecture = kArchitectures.find(base.model_type);
  if (architecture == kArchitectures.end()) fail_usage("export to hf: no architecture for '{}'", base.model_type);
  config["architectures"] = {architecture->second};
  config["classifier_proj_size"] = projector_size(model);
  config["use_weighted_layer_sum"] = model.spec().head.use_weighted_layer_sum;
  // The last hidden state has the final norm behind it: always so in transformers 4, in 5 only when asked for.
  if (model.spec().head.use_weighted_layer_sum) config["tie_last_hidden_states"] = true;
  nlohmann::json id2label;
  nlohmann::json label2id;
  for (size_t i = 0; i < model.spec().labels.size(); ++i) {
    id2label[std::to_string(i)] = model.spec().labels[i];
    label2id[model.spec().labels[i]] = i;
  }
  config["id2label"] = id2label;
  config["label2id"] = label2id;
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
