// What config.json says of a FastSpeech 2 (Ren et al. 2021) with a learned alignment (Badlani et al. 2022).
#pragma once

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "text/speech_symbols.h"

namespace sure {

/// The defaults are those of the SURE paper's system (Li et al. 2023): 35,802,977 parameters.
struct FastSpeech2Config {
  std::vector<std::string> symbols = speech_symbol_names();  // number 1, 2, …; 0 is padding
  int64_t vocab_size = 361;  // rows of the table of symbols; more than `symbols` leaves some unused
  int64_t hidden_size = 256;
  int64_t encoder_layers = 4;
  int64_t decoder_layers = 6;
  int64_t attention_heads = 2;
  int64_t feed_forward_size = 1024;
  int64_t feed_forward_kernel = 9;
  double hidden_dropout = 0.2;
  int64_t speaker_embedding_dim = 512;

  int64_t predictor_size = 256;  // of durations, pitch and energy
  double predictor_dropout = 0.5;
  double predictor_gradient = 0.1;  // share of a predictor's gradient that reaches the encoder
  int64_t duration_layers = 2;
  int64_t duration_kernel = 3;
  int64_t variance_layers = 2;  // of pitch and energy
  int64_t variance_kernel = 5;
  int64_t pitch_size = 128;  // of the pitch predictor's input, and of the layers that predict mean and deviation
  int64_t pitch_embeddings = 300;
  int64_t pitch_bins = 256;  // those in use, on the mel scale between the two frequencies
  double lowest_pitch = 50;  // Hz
  double highest_pitch = 1100;
  int64_t energy_bins = 256;  // on a linear scale between 0 and the highest
  double highest_energy = 240;
  double energy_unit = 30;  // energies are predicted in this unit, so that they are about 1

  double aligner_temperature = 0.0005;
  int64_t postnet_layers = 5;
  int64_t postnet_size = 512;
  int64_t postnet_kernel = 5;
  double postnet_dropout = 0.5;

  int64_t sampling_rate = 22050;  // of the spectrograms, as MelOptions
  int64_t fft_size = 1024;
  int64_t window_size = 1024;
  int64_t hop_size = 256;
  int64_t num_mel_bins = 80;
  double lowest_frequency = 0;
  double highest_frequency = 8000;

  int64_t hard_alignment_start = 6000;  // step from which symbols take whole frames; before, shares of them
  int64_t binarisation_start = 18000;   // step from which the alignment is pulled towards that
  int64_t binarisation_ramp = 10000;    // steps in which this loss grows to its full weight
};

/// The first step of a training from scratch at which all of its loss has its full weight.
inline int64_t trained_step(const FastSpeech2Config& config) {
  return std::max(config.hard_alignment_start, config.binarisation_start + config.binarisation_ramp);
}

template <class Visitor>
void visit_fields(FastSpeech2Config& c, Visitor&& visit) {
  visit("symbols", c.symbols);
  visit("vocab_size", c.vocab_size);
  visit("hidden_size", c.hidden_size);
  visit("encoder_layers", c.encoder_layers);
  visit("decoder_layers", c.decoder_layers);
  visit("attention_heads", c.attention_heads);
  visit("feed_forward_size", c.feed_forward_size);
  visit("feed_forward_kernel", c.feed_forward_kernel);
  visit("hidden_dropout", c.hidden_dropout);
  visit("speaker_embedding_dim", c.speaker_embedding_dim);
  visit("predictor_size", c.predictor_size);
  visit("predictor_dropout", c.predictor_dropout);
  visit("predictor_gradient", c.predictor_gradient);
  visit("duration_layers", c.duration_layers);
  visit("duration_kernel", c.duration_kernel);
  visit("variance_layers", c.variance_layers);
  visit("variance_kernel", c.variance_kernel);
  visit("pitch_size", c.pitch_size);
  visit("pitch_embeddings", c.pitch_embeddings);
  visit("pitch_bins", c.pitch_bins);
  visit("lowest_pitch", c.lowest_pitch);
  visit("highest_pitch", c.highest_pitch);
  visit("energy_bins", c.energy_bins);
  visit("highest_energy", c.highest_energy);
  visit("energy_unit", c.energy_unit);
  visit("aligner_temperature", c.aligner_temperature);
  visit("postnet_layers", c.postnet_layers);
  visit("postnet_size", c.postnet_size);
  visit("postnet_kernel", c.postnet_kernel);
  visit("postnet_dropout", c.postnet_dropout);
  visit("sampling_rate", c.sampling_rate);
  visit("fft_size", c.fft_size);
  visit("window_size", c.window_size);
  visit("hop_size", c.hop_size);
  visit("num_mel_bins", c.num_mel_bins);
  visit("lowest_frequency", c.lowest_frequency);
  visit("highest_frequency", c.highest_frequency);
  visit("hard_alignment_start", c.hard_alignment_start);
  visit("binarisation_start", c.binarisation_start);
  visit("binarisation_ramp", c.binarisation_ramp);
}

/// Throws Error, starting with `origin` (the file), for another model_type and for values that make no model.
FastSpeech2Config parse_fastspeech2_config(const nlohmann::json& json, const std::string& origin);

nlohmann::ordered_json fastspeech2_config_to_json(FastSpeech2Config config);

}  // namespace sure
