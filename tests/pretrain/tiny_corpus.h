// A few clips, a model of two narrow layers, and runs short enough for a test.
#pragma once

#include <string>
#include <vector>

#include "pretrain/pretrain.h"
#include "tests/support/audio.h"

namespace sure::test {

/// Clips of several pitches and lengths, the longest of 1.1 s.
inline void write_clips(const std::filesystem::path& folder, int64_t clips = 12) {
  for (int64_t i = 0; i < clips; ++i) {
    const double pitch = 90 + 25 * static_cast<double>(i % 5);
    write_wav(folder / fmt::format("clip_{}.wav", i), synthetic_speech(8000 + 800 * i, pitch));
  }
}

inline ShapeOptions tiny_hubert() {
  ShapeOptions shape;
  shape.hidden_size = 32;
  shape.num_hidden_layers = 2;
  shape.num_attention_heads = 2;
  shape.intermediate_size = 48;
  shape.conv_dim = std::vector<int64_t>(6, 16);
  shape.num_conv_pos_embeddings = 8;
  shape.num_conv_pos_embedding_groups = 4;
  return shape;
}

/// 12 steps, several epochs. Everything random is on.
inline PretrainConfig tiny_pretraining(const std::filesystem::path& audio, const std::filesystem::path& output) {
  PretrainConfig config;
  config.corpus.audio = {audio.string()};
  config.corpus.valid_share = 0.2;
  config.shape = tiny_hubert();
  config.shape.hidden_dropout = config.shape.attention_dropout = config.shape.activation_dropout = 0.1;
  config.shape.layerdrop = 0.2;
  config.clusters.clusters = 6;
  config.objective.final_dim = 16;
  config.augment.noise_prob = 0.5;
  config.training.output_dir = output.string();
  config.training.device = "cpu";
  config.training.max_steps = 12;
  config.training.batch_seconds = 3;
  config.training.max_seconds = 0.8;
  config.training.eval_steps = 5;
  config.training.save_steps = 4;
  config.training.save_total_limit = 0;
  config.training.logging_steps = 1;
  return config;
}

/// A corpus of the clips in a folder.
inline Corpus tiny_corpus(const std::filesystem::path& folder, double valid_share = 0.2) {
  CorpusOptions options;
  options.audio = {folder.string()};
  options.valid_share = valid_share;
  TrainObserver quiet;
  return read_corpus(options, /*seed=*/1, quiet);
}

}  // namespace sure::test
