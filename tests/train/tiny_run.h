// A small real model, clips that it can learn, and a run short enough for a test.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/rng.h"
#include "tests/support/audio.h"
#include "tests/support/files.h"
#include "train/trainer.h"

namespace sure::test {

constexpr int64_t kClipSamples = 4000;

/// Clips of three pitches, one per label, each a little off.
inline std::vector<Example> pitched_clips(const std::filesystem::path& folder, int64_t clips) {
  std::vector<Example> examples;
  for (int64_t i = 0; i < clips; ++i) {
    const std::vector<std::pair<std::string, double>> kinds = {{"high", 300}, {"low", 100}, {"mid", 180}};
    const auto& [label, pitch] = kinds.at(static_cast<size_t>(i % 3));
    examples.push_back({folder / fmt::format("{}_{}.wav", label, i), label, ""});
    write_wav(examples.back().path, synthetic_speech(kClipSamples, pitch * (1 + 0.01 * static_cast<double>(i))));
  }
  return examples;
}

inline Dataset pitched_dataset(const std::filesystem::path& folder, int64_t train = 11, int64_t valid = 6) {
  Dataset data;
  data.train = pitched_clips(folder / "train", train);
  data.valid = pitched_clips(folder / "valid", valid);
  data.labels = {"high", "low", "mid"};
  return data;
}

/// 12 steps: 4 epochs of 3, the last of each short. Everything random is on.
inline RunConfig tiny_run(const std::filesystem::path& output) {
  RunConfig config;
  config.task = "classify";
  config.model.model = "random-tiny";
  config.model.device = "cpu";
  config.model.max_samples = kClipSamples;
  config.model.dropout = 0.1;
  config.model.layerdrop = 0.2;
  config.model.spec_augment.mask_time_prob = 0.2;
  config.model.spec_augment.mask_time_length = 2;
  config.train.output_dir = output.string();
  config.train.evaluation_strategy = Strategy::steps;
  config.train.eval_steps = 2;
  config.train.save_strategy = Strategy::steps;
  config.train.save_steps = 3;
  config.train.num_train_epochs = 4;
  config.train.per_device_train_batch_size = 2;
  config.train.per_device_eval_batch_size = 4;
  config.train.gradient_accumulation_steps = 2;
  config.train.warmup_ratio = 0.1;
  config.train.speed_perturbation = 0.1;
  config.train.logging_steps = 1;
  config.train.load_best_model_at_end = false;
  config.train.early_stopping_patience = 0;
  return config;
}

inline AdaptedModel tiny_run_model(const RunConfig& config, const Dataset& data) {
  return AdaptedModel::create({config.task, config.model, config.tuning, config.head, config.target, data.labels, {}},
                              static_cast<uint64_t>(config.train.seed));
}

/// Keeps everything it is told.
class Recorder : public TrainObserver {
 public:
  void on_message(const std::string& message) override { messages.push_back(message); }
  void on_step(const StepReport& report) override { steps.push_back(report); }
  void on_evaluation(const EvaluationReport& report) override { evaluations.push_back(report); }

  std::vector<std::string> messages;
  std::vector<StepReport> steps;
  std::vector<EvaluationReport> evaluations;
};

}  // namespace sure::test
