#include "backbone/random_tiny.h"

namespace sure {

BackboneConfig random_tiny_config() {
  const nlohmann::json config = {
      {"model_type", "wav2vec2"},
      {"architectures", {"Wav2Vec2Model"}},
      {"hidden_size", 128},
      {"num_hidden_layers", 4},
      {"num_attention_heads", 4},
      {"intermediate_size", 512},
      {"conv_dim", {64, 64, 64, 64, 64, 64, 64}},
      {"conv_kernel", {10, 3, 3, 3, 3, 2, 2}},
      {"conv_stride", {5, 2, 2, 2, 2, 2, 2}},
      {"conv_bias", true},
      {"feat_extract_norm", "layer"},
      {"do_stable_layer_norm", true},
      {"num_conv_pos_embeddings", 32},
      {"num_conv_pos_embedding_groups", 8},
      {"hidden_dropout", 0.0},
      {"attention_dropout", 0.0},
      {"activation_dropout", 0.0},
      {"layerdrop", 0.0},
      {"mask_time_prob", 0.05},
      {"classifier_proj_size", 128},
      {"tdnn_dim", {128, 128, 128, 128, 256}},
      {"xvector_output_dim", 128},
  };
  BackboneConfig c = parse_backbone_config(config, "random-tiny");
  c.raw_preprocessor = {{"feature_extractor_type", "Wav2Vec2FeatureExtractor"},
                        {"feature_size", 1},
                        {"sampling_rate", 16000},
                        {"padding_value", 0.0},
                        {"do_normalize", true},
                        {"return_attention_mask", true}};
  c.return_attention_mask = true;
  return c;
}

}  // namespace sure
