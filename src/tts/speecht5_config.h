// What a Hugging Face config.json says of a SpeechT5 (Ao et al. 2022).
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace sure {

/// Fields as transformers names them, with its usual values.
struct SpeechT5Config {
  int64_t vocab_size = 81;
  int64_t hidden_size = 768;
  int64_t encoder_layers = 12;
  int64_t encoder_attention_heads = 12;
  int64_t encoder_ffn_dim = 3072;
  int64_t decoder_layers = 6;
  int64_t decoder_attention_heads = 12;
  int64_t decoder_ffn_dim = 3072;
  std::string hidden_act = "gelu";
  double positional_dropout = 0.1;
  double hidden_dropout = 0.1;
  double attention_dropout = 0.1;
  double activation_dropout = 0.1;
  double layer_norm_eps = 1e-5;
  int64_t eos_token_id = 2;
  int64_t num_mel_bins = 80;
  int64_t speech_decoder_prenet_layers = 2;
  int64_t speech_decoder_prenet_units = 256;
  double speech_decoder_prenet_dropout = 0.5;  // 0: none, which transformers does not know
  int64_t speaker_embedding_dim = 512;
  int64_t speech_decoder_postnet_layers = 5;
  int64_t speech_decoder_postnet_units = 256;
  int64_t speech_decoder_postnet_kernel = 5;
  double speech_decoder_postnet_dropout = 0.5;
  int64_t reduction_factor = 2;
  int64_t encoder_max_relative_position = 160;
  bool use_guided_attention_loss = true;
  int64_t guided_attention_loss_num_heads = 2;
  double guided_attention_loss_sigma = 0.4;
  double guided_attention_loss_scale = 10;
};

/// Throws Error, starting with `origin` (the file), for another model_type and for values that make no model.
SpeechT5Config parse_speecht5_config(const nlohmann::json& json, const std::string& origin);

}  // namespace sure
