// The training loop of every model here: AdamW over what trains, by one process or several, with evaluation, the best
// model, checkpoints and resume. What it trains is a Trainee.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/owned_folder.h"
#include "core/world.h"
#include "formats/tensorboard.h"
#include "train/best_model.h"
#include "train/observer.h"
#include "train/optimiser.h"
#include "train/schedule.h"
#include "train/shared_batches.h"
#include "train/step_plan.h"
#include "train/sum_gradients.h"

namespace sure {

/// A pass over the clips; its seed is a function of the run's and of its number, from 0.
struct Epoch {
  uint64_t number = 0;
  uint64_t seed = 0;
};

/// A model with its clips and its loss. All processes of a run call the same functions in the same order.
class Trainee {
 public:
  virtual ~Trainee() = default;
  virtual at::Device device() const = 0;
  virtual const ParameterList& trained() const = 0;

  /// Those of an epoch, with the clips of all processes. The seed does not change their number.
  virtual Batches draw_batches(uint64_t seed) const = 0;
  /// Reads clips, on a thread beside the one that computes.
  virtual Batch load(const std::vector<size_t>& clips, const Epoch& epoch) const = 0;

  /// Names of what a step adds up besides its loss.
  virtual std::vector<std::string> counted() const { return {}; }
  /// Adds this process's rows of a batch to the gradients, the loss and the sums of a step of so many clips.
  virtual void add_gradients(const Batch& batch, int64_t step_clips, StepSums& sums) = 0;
  /// Changes a step's gradients before they are clipped.
  virtual void scale_gradients() {}
  /// Is told the sums of all processes; returns what of them is logged.
  virtual Metrics note(const StepSums& /*sums*/) { return {}; }

  virtual Metrics evaluate() = 0;

  /// Writes what trains into a checkpoint's folder, and reads it from there or from the published model.
  virtual void save(const std::filesystem::path& folder) const = 0;
  virtual void load(const std::filesystem::path& folder) = 0;
  /// Writes the model as others read it. Returns a warning, or nothing.
  virtual std::string publish(const std::filesystem::path& folder) const = 0;
};

struct LoopOptions {
  uint64_t seed = 0;
  StepPlan plan;
  int64_t accumulation = 1;  // batches of a step
  const Schedule* schedule = nullptr;
  double peak_rate = 0;
  AdamWOptions adamw;
  double max_grad_norm = 0;  // 0: gradients are not clipped
  Strategy evaluation_strategy = Strategy::steps;
  int64_t eval_steps = 1;
  std::optional<BestModelRule> best_rule;  // which evaluated model is published; none: the last one
  int64_t patience = 0;                    // evaluations without a gain that end the run; 0: none do
  bool load_best = false;                  // at the end
  std::filesystem::path output;            // of checkpoint-N
  const FolderKind* checkpoint = nullptr;
  Strategy save_strategy = Strategy::steps;
  int64_t save_steps = 1;
  int64_t save_total_limit = 0;
  std::filesystem::path published;
  bool publishes_checkpoints = false;  // each of them, and not only the last model
  std::string resume;
  std::filesystem::path log;
  int64_t logging_steps = 1;
};

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

/// Every step's randomness is a function of the seed and the step, so that a resumed run equals an uninterrupted one
/// bit by bit. Rank 0 alone writes, in folders that all can read.
class Loop {
 public:
  /// `identity`: what two runs must share for one to go on from the other's checkpoint. The references must outlive it.
  Loop(Trainee& trainee, LoopOptions options, nlohmann::ordered_json identity, TrainObserver& observer,
       World& world = serial_world());

  /// Loads the checkpoint that `resume` asks for. Throws a usage Error for one of another run, and for checkpoints in
  /// `output` that nobody asked for.
  void start_or_resume();

  /// Runs the steps that are left.
  TrainResult run();

 private:
  bool evaluates() const { return options_.evaluation_strategy != Strategy::no; }
  bool stops_early() const;
  bool finished() const { return state_.step >= options_.plan.total_steps || stops_early(); }
  Epoch current_epoch() const;
  void run_epoch();
  StepReport run_step(SharedBatches& batches, const MicroBatches& step);
  StepSums add_gradients(SharedBatches& batches, const MicroBatches& step);
  void after_step(const StepReport& report);
  void log(const StepReport& report);
  void evaluate();
  void save();
  void publish();
  void finish();
  TrainResult result(double seconds) const;
  void warn(const std::string& warning);

  Trainee& trainee_;
  const LoopOptions options_;
  nlohmann::ordered_json identity_;
  TrainObserver& observer_;
  World& world_;
  AdamW optimiser_;
  TrainState state_;
  std::optional<EventWriter> events_;  // of rank 0, while it runs
  Metrics noted_;                      // of the last step
  std::optional<int64_t> published_;   // after which step, by this run
  std::vector<double> step_seconds_;
  std::vector<EpochTime> epochs_;
};

}  // namespace sure
