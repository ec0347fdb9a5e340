// A Hugging Face speech model folder's config.json and preprocessor_config.json, as far as the arithmetic needs them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace sure {

/// Field names are those of transformers' Wav2Vec2Config / HubertConfig; defaults too.
struct BackboneConfig {
  std::string model_type = "wav2vec2";
  int64_t hidden_size = 768;
  int64_t num_hidden_layers = 12;
  int64_t num_attention_heads = 12;
  int64_t intermediate_size = 3072;
  std::string hidden_act = "gelu";
  double layer_norm_eps = 1e-5;
  double hidden_dropout = 0.1;
  double attention_dropout = 0.1;
  double activation_dropout = 0.1;
  double feat_proj_dropout = 0.0;
  double layerdrop = 0.1;
  std::vector<int64_t> conv_dim = {512, 512, 512, 512, 512, 512, 512};
  std::vector<int64_t> conv_kernel = {10, 3, 3, 3, 3, 2, 2};
  std::vector<int64_t> conv_stride = {5, 2, 2, 2, 2, 2, 2};
  bool conv_bias = false;
  std::string feat_extract_norm = "group";  // "group": group norm after the first convolution; "layer": after each
  std::string feat_extract_activation = "gelu";
  bool feat_proj_layer_norm = true;
  int64_t num_conv_pos_embeddings = 128;
  int64_t num_conv_pos_embedding_groups = 16;
  int64_t conv_pos_kernel_size = 19;  // data2vec: of each of its num_conv_pos_embeddings convolutions
  bool conv_pos_batch_norm = false;
  bool do_stable_layer_norm = false;  // pre-norm layers
  int64_t num_buckets = 320;          // WavLM: of relative positions
  int64_t max_bucket_distance = 800;  // WavLM, frames: farther ones share a bucket
  int64_t adapter_attn_dim = 0;       // > 0: MMS attention adapters
  double mask_time_prob = 0.05;       // > 0 or mask_feature_prob > 0: the checkpoint has masked_spec_embed
  double mask_feature_prob = 0.0;
  // Of the heads.
  double final_dropout = 0.1;
  int64_t classifier_proj_size = 256;
  std::vector<int64_t> tdnn_dim = {512, 512, 512, 512, 1500};
  std::vector<int64_t> tdnn_kernel = {5, 3, 3, 1, 1};
  std::vector<int64_t> tdnn_dilation = {1, 2, 3, 1, 1};
  int64_t xvector_output_dim = 512;

  // preprocessor_config.json
  bool do_normalize = true;
  bool return_attention_mask = false;
  int64_t sampling_rate = 16000;  // Hz

  /// The files as read, for export; null where there was none.
  nlohmann::json raw;
  nlohmann::json raw_preprocessor;

  /// Frames that the front-end makes of this many samples (0 when there are too few).
  int64_t frames(int64_t samples) const;
  double seconds_per_frame() const;
};

/// From JSON; `origin` leads the error messages. Throws Error for a model_type without a backbone, for a value out of
/// range, and for a feature that is not supported (e.g. add_adapter), naming the key.
BackboneConfig parse_backbone_config(const nlohmann::json& config, const std::string& origin);

/// Reads `folder`/config.json and, when it is there, preprocessor_config.json.
BackboneConfig read_backbone_config(const std::filesystem::path& folder);

}  // namespace sure
