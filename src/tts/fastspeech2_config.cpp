#include "tts/fastspeech2_config.h"

#include <set>

#include "core/error.h"
#include "core/json_fields.h"
#include "core/range.h"
#include "core/strict_json.h"

namespace sure {

namespace {

constexpr double kMostLayers = 256, kMostChannels = 1 << 16;

constexpr Range kRanges[] = {{"vocab_size", 2, kMostChannels * 16},
                             {"hidden_size", 2, kMostChannels},
                             {"encoder_layers", 1, kMostLayers},
                             {"decoder_layers", 1, kMostLayers},
                             {"attention_heads", 1, kMostChannels},
                             {"feed_forward_size", 1, kMostChannels * 4},
                             {"feed_forward_kernel", 1, kMostLayers},
                             {"hidden_dropout", 0, 0.999},
                             {"speaker_embedding_dim", 1, kMostChannels},
                             {"predictor_size", 1, kMostChannels},
                             {"predictor_dropout", 0, 0.999},
                             {"predictor_gradient", 0, 1},
                             {"duration_layers", 1, kMostLayers},
                             {"duration_kernel", 1, kMostLayers},
                             {"variance_layers", 1, kMostLayers},
                             {"variance_kernel", 1, kMostLayers},
                             {"pitch_size", 2, kMostChannels},
                             {"pitch_bins", 3, kMostChannels},
                             {"pitch_embeddings", 3, kMostChannels},
                             {"lowest_pitch", 1, 1000},
                             {"highest_pitch", 1, 10000},
                             {"energy_bins", 2, kMostChannels},
                             {"highest_energy", 1e-6, 1e9},
                             {"energy_unit", 1e-6, 1e9},
                             {"aligner_temperature", 1e-9, 1e3},
                             {"postnet_layers", 2, kMostLayers},
                             {"postnet_size", 1, kMostChannels},
                             {"postnet_kernel", 1, kMostLayers},
                             {"postnet_dropout", 0, 0.999},
                             {"sampling_rate", 1000, 1e6},
                             {"fft_size", 2, kMostChannels},
                             {"window_size", 1, kMostChannels},
                             {"hop_size", 1, kMostChannels},
                             {"num_mel_bins", 1, kMostChannels},
                             {"lowest_frequency", 0, 1e6},
                             {"highest_frequency", 1, 1e6},
                             {"hard_alignment_start", 0, kMostCounted},
                             {"binarisation_start", 0, kMostCounted},
                             {"binarisation_ramp", 1, kMostCounted}};

void check(const FastSpeech2Config& c, const std::string& origin) {
  const nlohmann::ordered_json json = fastspeech2_config_to_json(c);
  for (const Range& range : kRanges) {
    const double value = json.at(range.flag).get<double>();
    if (value >= range.least && value <= range.most) continue;
    fail("{}: '{}' is {}; from {} to {} make sense", origin, range.flag, value, range.least, range.most);
  }
  for (const char* kernel : {"feed_forward_kernel", "duration_kernel", "variance_kernel", "postnet_kernel"}) {
    if (json.at(kernel).get<int64_t>() % 2 != 1) fail("{}: '{}' must be odd", origin, kernel);
  }
  if (c.hidden_size % c.attention_heads != 0 || c.hidden_size % 2 != 0 || c.pitch_size % 2 != 0)
    fail("{}: hidden_size must be even and divisible by attention_heads, pitch_size even", origin);
  if (c.pitch_bins > c.pitch_embeddings)
    fail("{}: pitch_bins {} must be at most pitch_embeddings {}", origin, c.pitch_bins, c.pitch_embeddings);
  if (c.lowest_pitch >= c.highest_pitch || c.lowest_frequency >= c.highest_frequency)
    fail("{}: the lowest pitch and frequency must be below the highest", origin);
  if (c.window_size > c.fft_size)
    fail("{}: window_size {} must be at most fft_size {}", origin, c.window_size, c.fft_size);
  if (std::ssize(c.symbols) >= c.vocab_size)
    fail("{}: {} symbols and padding do not fit into vocab_size {}", origin, c.symbols.size(), c.vocab_size);
  if (std::set(c.symbols.begin(), c.symbols.end()).size() != c.symbols.size())
    fail("{}: 'symbols' names one twice", origin);
}

}  // namespace

FastSpeech2Config parse_fastspeech2_config(const nlohmann::json& json, const std::string& origin) {
  if (!json.is_object()) fail("{}: expected a JSON object, found {}", origin, json.type_name());
  std::string type;
  read_field(json, "model_type", type, origin);
  if (type != "fastspeech2") fail("{}: model_type {} is not fastspeech2", origin, quote(type));
  FastSpeech2Config config;
  visit_fields(config, [&](const char* key, auto& field) { read_field(json, key, field, origin); });
  check(config, origin);
  return config;
}

nlohmann::ordered_json fastspeech2_config_to_json(FastSpeech2Config config) {
  nlohmann::ordered_json json = {{"model_type", "fastspeech2"}};
  visit_fields(config, [&](const char* key, auto& field) { json[key] = field; });
  return json;
}

}  // namespace sure
