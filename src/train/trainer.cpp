// The loop: resume or start, then steps, each followed by what is due of logging, evaluation and saving.

#include "train/trainer.h"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "core/atomic_file.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/registry.h"
#include "core/rng.h"
#include "data/batch.h"
#include "formats/tensorboard.h"
#include "train/best_model.h"
#include "train/checkpoint.h"
#include "train/epoch_batches.h"
#include "train/finite.h"
#include "train/graphed_step.h"
#include "train/optimiser.h"
#include "train/run_log.h"
#include "train/schedule.h"
#include "train/seeding.h"
#include "train/step_plan.h"
#include "train/sum_gradients.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double peak_rate(const AdaptedModel& model, const TrainOptions& options) {
  if (options.learning_rate > 0) return options.learning_rate;
  return find_row(tuning_methods(), model.spec().tuning.method, "method").default_learning_rate;
}

const Schedule& schedule(const Task& task, const TrainOptions& options) {
  const std::string& name = options.lr_scheduler_type.empty() ? task.lr_scheduler_type : options.lr_scheduler_type;
  return find_row(schedules(), name, "lr_scheduler_type");
}

int64_t patience(const Task& task, const TrainOptions& options) {
  return options.early_stopping_patience < 0 ? task.early_stopping_patience : options.early_stopping_patience;
}

AdamWOptions optimiser_options(const TrainOptions& options) {
  AdamWOptions adamw;
  adamw.weight_decay = options.weight_decay;
  return adamw;
}

nlohmann::ordered_json identity_in(const World& world, nlohmann::ordered_json identity) {
  identity["processes"] = world.size();
  return identity;
}

class Trainer {
 public:
  Trainer(AdaptedModel& model, const Dataset& data, const RunConfig& config, TrainObserver& observer, World& world)
      : world_(world),
        model_(model),
        data_(data),
        options_(config.train),
        observer_(observer),
        output_(config.train.output_dir),
        collate_(model.collate_options()),
        batches_(data.train, config, collate_.max_samples, observer, world.size()),
        plan_(plan_steps(batches_.count(), config.train)),
        schedule_(schedule(model.task(), config.train)),
        patience_(patience(model.task(), config.train)),
        best_rule_(model.task(), config.train),
        identity_(identity_in(world, run_identity(model, data, config))),
        peak_rate_(peak_rate(model, config.train)),
        evaluates_(config.train.do_eval && config.train.evaluation_strategy != "no" && !data.valid.empty()),
        optimiser_(model.trained(), optimiser_options(config.train)),
        seed_(static_cast<uint64_t>(config.train.seed)) {
    collate_.speed_perturbation = options_.speed_perturbation;
  }

  TrainResult run() {
    const auto start = Clock::now();
    tell_notes();
    open_cache();
    prepare_graph();
    if (world_.leads()) clear_output_folder(output_);
    world_.barrier();
    start_or_resume();
    share_parameters(model_.trained(), world_);
    if (world_.leads()) events_.emplace(log_folder(options_));
    while (!finished()) run_epoch();
    finish();
    if (events_) events_->flush();
    return result(seconds_since(start));
  }

 private:
  void tell_notes() {
    if (options_.fp16) observer_.on_message("--fp16 is computed in bfloat16, which has fp32's range");
    if (evaluates_) return;
    observer_.on_message(
        "no evaluation while training: best_model/ is the last model, and nothing stops the run early");
  }

  void open_cache() {
    if (options_.cache == "off") return;
    std::string obstacle = model_.cache_obstacle();
    if (obstacle.empty() && options_.speed_perturbation > 0 && options_.cache_copies == 0) {
      obstacle = "--speed_perturbation makes new clips all the time; --cache_copies 3 would draw from three of each";
    }
    if (!obstacle.empty()) return observer_.on_message("--cache is off: " + obstacle);
    const auto processes = options_.cache == "disk" ? int64_t{1} : world_.size();  // that have one each
    const auto limit = static_cast<int64_t>(options_.cache_gb * (int64_t{1} << 30)) / processes;
    const fs::path folder = options_.cache_dir.empty() ? output_ / "cache" : fs::path(options_.cache_dir);
    cache_ = options_.cache == "disk" ? disk_cache(folder, limit) : memory_cache(limit);
    model_.use_cache(cache_);
  }

  void prepare_graph() {
    if (!model_.device().is_cuda() || !options_.cuda_graphs) return;
    std::string obstacle = model_.graph_obstacle();
    if (!records_gpu_graphs()) obstacle = "this program was built without CUDA's headers";
    if (world_.size() > 1) obstacle = "several processes add up their gradients";
    if (options_.gradient_accumulation_steps > 1) obstacle = "--gradient_accumulation_steps adds up several batches";
    if (!obstacle.empty()) return observer_.on_message("--cuda_graphs is off: " + obstacle);
    graph_.emplace(model_);
  }

  /// What the augmentation of an epoch's clips is drawn from.
  uint64_t augmentation_seed(uint64_t epoch, uint64_t epoch_seed) const {
    if (options_.cache_copies == 0) return epoch_seed;
    return mix_seed(mix_seed(seed_, "copy"), {epoch % static_cast<uint64_t>(options_.cache_copies)});
  }

  void start_or_resume() {
    const auto folder = checkpoint_to_resume(output_, options_.resume);
    if (!folder && !options_.resume.empty()) observer_.on_message(kNothingToResume);
    if (!folder) return;
    state_ = load_checkpoint(
        *folder, [&](const fs::path& from) { load_weights(from, model_); }, optimiser_, identity_, plan_.total_steps);
    observer_.on_message(
        fmt::format("resumed from {} at step {} of {}", folder->string(), state_.step, plan_.total_steps));
    if (state_.best_step == 0 || fs::exists(best_folder())) return;
    observer_.on_message(fmt::format("{}: gone; the best model is looked for anew", best_folder().string()));
    state_.best_step = 0;
  }

  bool stops_early() const { return patience_ > 0 && state_.evaluations_without_gain >= patience_; }

  bool finished() const { return state_.step >= plan_.total_steps || stops_early(); }

  /// Runs what is left of the epoch in which the next step lies.
  void run_epoch() {
    const auto start = Clock::now();
    epochs_.emplace_back();
    const auto epoch = static_cast<uint64_t>(state_.step / plan_.steps_per_epoch);
    const uint64_t epoch_seed = mix_seed(mix_seed(seed_, "epoch"), {epoch});
    auto batches = batches_.draw(epoch_seed);
    const int64_t done = (state_.step % plan_.steps_per_epoch) * options_.gradient_accumulation_steps;
    batches.erase(batches.begin(), batches.begin() + done);
    const uint64_t clip_seed = augmentation_seed(epoch, epoch_seed);
    Prefetcher prefetcher(own_share(batches), [&](const std::vector<size_t>& indices) {
      return load_batch(data_.train, indices, target_encoder(model_), collate_, /*augment=*/true, clip_seed);
    });
    for (size_t first = 0; first < batches.size() && !finished();) {
      const MicroBatches step = micro_batches(batches, first, options_.gradient_accumulation_steps);
      after_step(run_step(prefetcher, step));
      first += static_cast<size_t>(step.batches());
    }
    epochs_.back().seconds = seconds_since(start);
  }

  /// This process's clips of each batch that has some for it.
  std::vector<std::vector<size_t>> own_share(std::vector<std::vector<size_t>> batches) const {
    for (std::vector<size_t>& batch : batches) batch = share_of(batch, world_);
    std::erase_if(batches, [](const std::vector<size_t>& batch) { return batch.empty(); });
    return batches;
  }

  /// Of rank 0 that of a run alone.
  uint64_t step_seed() const {
    const uint64_t seed = mix_seed(mix_seed(seed_, "step"), {static_cast<uint64_t>(state_.step)});
    return world_.leads() ? seed : mix_seed(mix_seed(seed, "rank"), {static_cast<uint64_t>(world_.rank())});
  }

  StepReport run_step(Prefetcher& prefetcher, const MicroBatches& step) {
    const auto start = Clock::now();
    seed_generators(model_.device(), step_seed());
    const double rate = peak_rate_ * schedule_.factor({plan_.total_steps, plan_.warmup_steps}, state_.step);
    StepSums sums = accumulate_gradients(prefetcher, step);
    sum_gradients(model_.trained(), sums, world_);
    note_skipped(sums.skipped);
    const double loss = sums.loss;
    const double norm = clip_gradients(model_.trained(), options_.max_grad_norm);
    require_finite("loss", loss, state_.step + 1, peak_rate_);
    require_finite("gradient norm", norm, state_.step + 1, peak_rate_);
    optimiser_.step(rate);
    optimiser_.zero_gradients();
    ++state_.step;
    const double epoch = static_cast<double>(state_.step) / static_cast<double>(plan_.steps_per_epoch);
    return {state_.step, plan_.total_steps, epoch, loss, rate, norm, seconds_since(start), step.clips};
  }

  /// Returns this process's part of the loss, which is the mean over the step's clips, however they are spread over
  /// batches and processes.
  StepSums accumulate_gradients(Prefetcher& prefetcher, const MicroBatches& step) {
    StepSums sums;
    for (const int64_t batch_clips : step.batch_clips) {
      if (batch_clips <= world_.rank()) continue;  // none for this process
      Batch batch;
      const auto asked = Clock::now();
      prefetcher.next(batch);
      epochs_.back().data_seconds += seconds_since(asked);
      const auto clips = batch.targets.size(0);
      const bool replays = graph_ && clips == options_.per_device_train_batch_size && graph_->fits(batch);
      const double share = static_cast<double>(clips) / static_cast<double>(step.clips);
      if (replays) {
        sums.loss += graph_->run(batch).item<double>();
      } else {
        add_gradients(batch, share, sums);
      }
    }
    return sums;
  }

  /// Adds the batch's loss times its share of the step's clips.
  void add_gradients(const Batch& batch, double share, StepSums& sums) {
    const LossValue value = training_loss(model_, batch);
    const Tensor part = value.mean * share;
    part.backward();
    sums.loss += part.item<double>();
    sums.skipped += value.skipped;
  }

  void note_skipped(int64_t clips) {
    if (clips > 0 && skipped_ == 0) {
      observer_.on_message("a transcript is longer than its clip has frames: such clips have no share in the loss");
    }
    skipped_ += clips;
  }

  void note_shortfall() {
    if (!cache_ || cache_->shortfall().empty() || told_shortfall_) return;
    told_shortfall_ = true;
    observer_.on_message("clips that the cache lacks are computed each time: " + cache_->shortfall());
  }

  /// The best model is written before the checkpoint that knows of it, so that a kill between the two loses nothing.
  void after_step(const StepReport& report) {
    step_seconds_.push_back(report.seconds);
    if (report.step % options_.logging_steps == 0 || report.step == plan_.total_steps) log(report);
    observer_.on_step(report);
    if (evaluates_ && is_due(plan_, options_.evaluation_strategy, options_.eval_steps, report.step)) evaluate_model();
    note_shortfall();
    const bool saves = options_.save_strategy != "no";
    const bool due =
        is_due(plan_, options_.save_strategy, options_.save_steps, report.step) || (saves && stops_early());
    if (due && world_.leads()) {
      const auto write = [&](const fs::path& to) { model_.save(to); };
      for (const std::string& warning : save_checkpoint(output_, training_checkpoint(), write, optimiser_, state_,
                                                        identity_, options_.save_total_limit)) {
        warn(warning);
      }
      observer_.on_checkpoint();
    }
  }

  void log(const StepReport& report) {
    state_.history.steps.push_back({report.step, report.loss, report.learning_rate});
    if (!events_) return;
    events_->scalar("train/loss", report.loss, report.step);
    events_->scalar("train/learning_rate", report.learning_rate, report.step);
    events_->scalar("train/grad_norm", report.gradient_norm, report.step);
    events_->flush();
  }

  void log(const Metrics& metrics) {
    if (!events_) return;
    for (const auto& metric : metrics) events_->scalar("eval/" + metric.first, metric.second, state_.step);
    events_->flush();
  }

  void evaluate_model() {
    const Evaluation evaluation =
        evaluate(model_, data_.valid, options_.per_device_eval_batch_size, DecodeOptions{}, observer_, world_);
    log(evaluation.metrics);
    state_.history.evaluations.push_back({state_.step, evaluation.metrics});
    const bool best = best_rule_.note(evaluation.metrics, state_);
    if (best) save_best();
    observer_.on_evaluation(
        {state_.step, evaluation.metrics, evaluation.seconds, best, best ? state_.decided_by : std::string()});
  }

  void save_best() {
    if (!world_.leads()) return;
    warn(write_folder(best_folder(), best_model_folder(), [&](const fs::path& folder) { model_.save(folder); }));
  }

  void warn(const std::string& warning) {
    if (!warning.empty()) observer_.on_message("warning: " + warning);
  }

  void finish() {
    if (!evaluates_) return save_best();
    if (state_.best_step == 0) evaluate_model();
    world_.barrier();  // until it is written
    if (options_.load_best_model_at_end) load_weights(best_folder(), model_);
  }

  TrainResult result(double seconds) const {
    TrainResult result;
    result.steps = state_.step;
    result.best_metric = state_.best_metric;
    result.best_step = evaluates_ ? state_.best_step : state_.step;
    result.best_by = evaluates_ ? state_.decided_by : "";
    result.history = state_.history;
    result.stopped_early = stops_early() && state_.step < plan_.total_steps;
    result.seconds_per_step = median(step_seconds_);
    result.seconds = seconds;
    result.epochs = epochs_;
    result.skipped_clips = skipped_;
    return result;
  }

  fs::path best_folder() const { return output_ / "best_model"; }

  World& world_;
  AdaptedModel& model_;
  const Dataset& data_;
  const TrainOptions& options_;
  TrainObserver& observer_;
  const fs::path output_;
  CollateOptions collate_;
  const EpochBatches batches_;
  const StepPlan plan_;
  const Schedule& schedule_;
  const int64_t patience_;
  const BestModelRule best_rule_;
  const nlohmann::ordered_json identity_;
  const double peak_rate_;
  const bool evaluates_;
  AdamW optimiser_;
  const uint64_t seed_;
  std::shared_ptr<ActivationCache> cache_;
  std::optional<GraphedStep> graph_;
  bool told_shortfall_ = false;
  std::optional<EventWriter> events_;  // of rank 0
  TrainState state_;
  int64_t skipped_ = 0;  // clips without a share in the loss, counted anew in every epoch
  std::vector<double> step_seconds_;
  std::vector<EpochTime> epochs_;
};

}  // namespace

TrainResult train(AdaptedModel& model, const Dataset& data, const RunConfig& config, TrainObserver& observer,
                  World& world) {
  validate(config);
  if (data.train.empty()) fail("nothing to train on: the training split has no clips");
  const KeptRandomness of_processor(at::kCPU), of_device(model.device());
  return Trainer(model, data, config, observer, world).run();
}

}  // namespace sure
