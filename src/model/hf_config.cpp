#include "model/hf_config.h"

#include <map>

#include "core/error.h"

namespace sure {

namespace {

const std::map<std::string, std::string> kArchitectures = {{"wav2vec2", "Wav2Vec2ForSequenceClassification"},
                                                           {"hubert", "HubertForSequenceClassification"}};

nlohmann::json config_from_fields(const BackboneConfig& c) {
  return {{"model_type", c.model_type},
          {"hidden_size", c.hidden_size},
          {"num_hidden_layers", c.num_hidden_layers},
          {"num_attention_heads", c.num_attention_heads},
          {"intermediate_size", c.intermediate_size},
          {"hidden_act", c.hidden_act},
          {"layer_norm_eps", c.layer_norm_eps},
          {"hidden_dropout", c.hidden_dropout},
          {"attention_dropout", c.attention_dropout},
          {"activation_dropout", c.activation_dropout},
          {"feat_proj_dropout", c.feat_proj_dropout},
          {"layerdrop", c.layerdrop},
          {"conv_dim", c.conv_dim},
          {"conv_kernel", c.conv_kernel},
          {"conv_stride", c.conv_stride},
          {"num_feat_extract_layers", c.conv_dim.size()},
          {"conv_bias", c.conv_bias},
          {"feat_extract_norm", c.feat_extract_norm},
          {"feat_extract_activation", c.feat_extract_activation},
          {"feat_proj_layer_norm", c.feat_proj_layer_norm},
          {"num_conv_pos_embeddings", c.num_conv_pos_embeddings},
          {"num_conv_pos_embedding_groups", c.num_conv_pos_embedding_groups},
          {"conv_pos_batch_norm", c.conv_pos_batch_norm},
          {"do_stable_layer_norm", c.do_stable_layer_norm},
          {"mask_time_prob", c.mask_time_prob},
          {"mask_feature_prob", c.mask_feature_prob}};
}

int64_t projector_size(const AdaptedModel& model) {
  const int64_t chosen = model.spec().head.classifier_proj_size;
  return chosen > 0 ? chosen : model.backbone().config().classifier_proj_size;
}

}  // namespace

nlohmann::json classification_config(const AdaptedModel& model) {
  const BackboneConfig& base = model.backbone().config();
  nlohmann::json config = base.raw.is_object() ? base.raw : config_from_fields(base);
  // The weights written are fp32, whatever the base's were.
  for (const char* key : {"torch_dtype", "dtype", "transformers_version", "_name_or_path"}) config.erase(key);
  const auto architecture = kArchitectures.find(base.model_type);
  if (architecture == kArchitectures.end()) fail_usage("export to hf: no architecture for '{}'", base.model_type);
  config["architectures"] = {architecture->second};
  config["classifier_proj_size"] = projector_size(model);
  config["use_weighted_layer_sum"] = model.spec().head.use_weighted_layer_sum;
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
