// The loop of masked prediction: steps, validation, checkpoints, the model as it is then.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "formats/tensorboard.h"
#include "pretrain/pretrain_config.h"
#include "train/best_model.h"
#include "train/optimiser.h"
#include "train/trainer.h"

namespace sure {

struct PretrainOutcome {
  int64_t steps = 0;
  int64_t parameters = 0;  // of the backbone
  Metrics validation;      // loss (nats) and accuracy over masked frames, label_… of labels; none without clips
  double seconds_per_step = 0;
  double seconds = 0;
};

/// Every step's randomness is a function of the seed and the step, so that a resumed run equals an uninterrupted one
/// bit by bit. The arguments must outlive it.
class Pretrainer {
 public:
  /// `labels`: to learn; null = none. `identity`: what two runs must share for one to go on from the other's
  /// checkpoint. Throws Error for --init_from with a model of another shape.
  Pretrainer(const PretrainConfig& config, const BackboneConfig& shape, const Corpus& corpus, const FrameLabels* labels,
             const nlohmann::ordered_json& identity, TrainObserver& observer);

  /// Loads the checkpoint that --resume asks for. Throws a usage Error for one of another run, and for checkpoints in
  /// output_dir that nobody asked for.
  void start_or_resume();

  /// Runs the steps that are left; the last one leaves a checkpoint and model/, as every save_steps-th does.
  PretrainOutcome run(const Targets& targets);

 private:
  using Batches = std::vector<std::vector<size_t>>;

  bool finished() const { return state_.step >= config_.training.max_steps; }
  double learning_rate() const;
  Batches draw_batches(size_t first, size_t last, uint64_t seed) const;
  void run_epoch();
  StepReport run_step(const Batch& batch);
  void scale_front_end_gradients() const;
  void log(const MaskedLoss& loss, const StepReport& report);
  void after_step(const StepReport& report);
  Metrics evaluate();
  void report_evaluation();
  void save() const;
  void export_model() const;

  const PretrainConfig& config_;
  const BackboneConfig& shape_;
  const Corpus& corpus_;
  const FrameLabels* labels_;
  const nlohmann::ordered_json& identity_;
  TrainObserver& observer_;
  const std::filesystem::path output_;
  const uint64_t seed_;
  const int64_t steps_per_epoch_;
  const at::ScalarType dtype_;
  const at::Device device_;
  MaskedModel model_;
  AdamW optimiser_;
  TrainState state_;
  const ClipBatches* clips_ = nullptr;  // while it runs
  EventWriter* events_ = nullptr;
};

}  // namespace sure
