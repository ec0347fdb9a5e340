// Adapting a model to a data set, and measuring it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/world.h"
#include "data/dataset.h"
#include "model/adapted_model.h"
#include "tasks/task.h"
#include "train/loop.h"
#include "train/run_config.h"

namespace sure {

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

/// Trains, leaving `output_dir`/checkpoint-N folders and `output_dir`/best_model. Of a world's processes each takes its
/// share of every batch, of which it has as many times `per_device_train_batch_size` clips as there are processes.
TrainResult train(AdaptedModel& model, const Dataset& data, const RunConfig& config, TrainObserver& observer,
                  World& world = serial_world());

}  // namespace sure
