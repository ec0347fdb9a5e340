#include "tts/speecht5_config.h"

#include "core/error.h"
#include "core/json_fields.h"
#include "core/strict_json.h"
#include "nn/activation.h"

namespace sure {

namespace {

constexpr int64_t kMostLayers = 256, kMostChannels = 1 << 16;

template <class Visitor>
void visit_sizes(SpeechT5Config& c, Visitor&& visit) {
  visit("vocab_size", c.vocab_size, kMostChannels * 16);
  visit("hidden_size", c.hidden_size, kMostChannels);
  visit("encoder_layers", c.encoder_layers, kMostLayers);
  visit("encoder_attention_heads", c.encoder_attention_heads, kMostChannels);
  visit("encoder_ffn_dim", c.encoder_ffn_dim, kMostChannels * 4);
  visit("decoder_layers", c.decoder_layers, kMostLayers);
  visit("decoder_attention_heads", c.decoder_attention_heads, kMostChannels);
  visit("decoder_ffn_dim", c.decoder_ffn_dim, kMostChannels * 4);
  visit("num_mel_bins", c.num_mel_bins, kMostChannels);
  visit("speech_decoder_prenet_layers", c.speech_decoder_prenet_layers, kMostLayers);
  visit("speech_decoder_prenet_units", c.speech_decoder_prenet_units, kMostChannels);
  visit("speaker_embedding_dim", c.speaker_embedding_dim, kMostChannels);
  visit("speech_decoder_postnet_layers", c.speech_decoder_postnet_layers, kMostLayers);
  visit("speech_decoder_postnet_units", c.speech_decoder_postnet_units, kMostChannels);
  visit("speech_decoder_postnet_kernel", c.speech_decoder_postnet_kernel, kMostLayers);
  visit("reduction_factor", c.reduction_factor, kMostLayers);
  visit("encoder_max_relative_position", c.encoder_max_relative_position, kMostChannels);
}

template <class Visitor>
void visit_rest(SpeechT5Config& c, Visitor&& visit) {
  visit("hidden_act", c.hidden_act);
  visit("positional_dropout", c.positional_dropout);
  visit("hidden_dropout", c.hidden_dropout);
  visit("attention_dropout", c.attention_dropout);
  visit("activation_dropout", c.activation_dropout);
  visit("layer_norm_eps", c.layer_norm_eps);
  visit("eos_token_id", c.eos_token_id);
  visit("speech_decoder_prenet_dropout", c.speech_decoder_prenet_dropout);
  visit("speech_decoder_postnet_dropout", c.speech_decoder_postnet_dropout);
  visit("use_guided_attention_loss", c.use_guided_attention_loss);
  visit("guided_attention_loss_num_heads", c.guided_attention_loss_num_heads);
  visit("guided_attention_loss_sigma", c.guided_attention_loss_sigma);
  visit("guided_attention_loss_scale", c.guided_attention_loss_scale);
}

void check(const SpeechT5Config& c, const std::string& origin) {
  if (c.hidden_size % c.encoder_attention_heads != 0 || c.hidden_size % c.decoder_attention_heads != 0)
    fail("{}: hidden_size {} must be divisible by the numbers of attention heads", origin, c.hidden_size);
  if (c.hidden_size % 2 != 0) fail("{}: hidden_size {} must be even", origin, c.hidden_size);
  if (c.speech_decoder_postnet_kernel % 2 != 1)
    fail("{}: speech_decoder_postnet_kernel {} must be odd", origin, c.speech_decoder_postnet_kernel);
  if (c.eos_token_id < 0 || c.eos_token_id >= c.vocab_size)
    fail("{}: eos_token_id {} must be below vocab_size {}", origin, c.eos_token_id, c.vocab_size);
  find_activation(c.hidden_act);
}

}  // namespace

SpeechT5Config parse_speecht5_config(const nlohmann::json& json, const std::string& origin) {
  if (!json.is_object()) fail("{}: expected a JSON object, found {}", origin, json.type_name());
  std::string type;
  read_field(json, "model_type", type, origin);
  if (type != "speecht5") fail("{}: model_type {} speaks nothing; expected speecht5", origin, quote(type));
  SpeechT5Config config;
  visit_sizes(config, [&](const char* key, int64_t& field, int64_t most) {
    read_field(json, key, field, origin);
    if (field < 1 || field > most) fail("{}: '{}' is {}; from 1 to {} make sense", origin, key, field, most);
  });
  visit_rest(config, [&](const char* key, auto& field) { read_field(json, key, field, origin); });
  check(config, origin);
  return config;
}

}  // namespace sure
