// The training loop: AdamW over the trained parameters, evaluation, best model, checkpoints, resume.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/world.h"
#include "data/dataset.h"
#include "model/adapted_model.h"
#include "tasks/task.h"
#include "train/history.h"
#include "train/run_config.h"

namespace sure {

struct StepReport {
  int64_t step;  // optimiser steps done, this one included
  int64_t total_steps;
  double epoch;
  double loss;  // mean over the step's clips
  double learning_rate;
  double gradient_norm;  // before clipping
  double seconds;
  int64_t clips;
};

struct EvaluationReport {
  int64_t step;
  Metrics metrics;  // those of Evaluation
  double seconds;
  bool best;
  std::string best_by;  // the criterion that made it the best: see BestModelRule
};

/// What a run tells while it goes; the command line draws progress bars from it. All calls come from one thread.
class TrainObserver {
 public:
  virtual ~TrainObserver() = default;
  virtual void on_message(const std::string&) {}
  /// Clips that `what` is done for so far, before the first step: "looking up lengths".
  virtual void on_preparation(const std::string& /*what*/, int64_t /*done*/, int64_t /*total*/) {}
  virtual void on_step(const StepReport&) {}
  /// Clips evaluated so far.
  virtual void on_evaluation_progress(int64_t /*done*/, int64_t /*total*/) {}
  virtual void on_evaluation(const EvaluationReport&) {}
  /// A checkpoint lies on the disk: from now on a run that is cut off can be resumed.
  virtual void on_checkpoint() {}
};

struct Evaluation {
  std::vector<Prediction> predictions;  // in the order of the examples
  std::vector<std::string> targets;
  Metrics metrics;      // "loss", the mean over clips that have one, is among them unless none has
  int64_t skipped = 0;  // clips without a share in the loss: see LossValue
  double seconds = 0;
};

/// Runs the model over examples with targets; where batches are padded to their longest clip, longer clips first. The
/// world's processes share the batches, and each gets the whole result.
Evaluation evaluate(const AdaptedModel& model, const std::vector<Example>& examples, int64_t batch_size,
                    const DecodeOptions& decode, TrainObserver& observer, World& world = serial_world());

/// Of what ran of an epoch.
struct EpochTime {
  double seconds = 0;       // evaluating and saving included
  double data_seconds = 0;  // of them, waiting for batches to be read
};

struct TrainResult {
  int64_t steps = 0;
  double best_metric = 0;
  int64_t best_step = 0;
  std::string best_by;  // the criterion by which that model beat the one before it; empty without evaluation
  bool stopped_early = false;
  double seconds_per_step = 0;  // median
  double seconds = 0;
  std::vector<EpochTime> epochs;
  History history;            // of the runs that this one went on from, too
  int64_t skipped_clips = 0;  // that had no share in the loss (see LossValue), counted in every epoch
};

/// Trains, leaving `output_dir`/checkpoint-N folders and `output_dir`/best_model. Every step's randomness is a function
/// of the seed and the step, so that a resumed run equals an uninterrupted one bit by bit. Of a world's processes each
/// takes its share of every batch, of which it has as many times `per_device_train_batch_size` clips as there are
/// processes; rank 0 alone writes, in a folder that all can read. Dropout, layer drop and SpecAugment are drawn by
/// rank.
TrainResult train(AdaptedModel& model, const Dataset& data, const RunConfig& config, TrainObserver& observer,
                  World& world = serial_world());

}  // namespace sure
