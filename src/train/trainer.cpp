// An adapted model as what the loop trains.

#include "train/trainer.h"

#include <filesystem>
#include <optional>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/registry.h"
#include "core/rng.h"
#include "train/checkpoint.h"
#include "train/epoch_batches.h"
#include "train/graphed_step.h"
#include "train/run_log.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr const char* kSkipped = "skipped";

double peak_rate(const AdaptedModel& model, const TrainOptions& options) {
  return options.learning_rate.value_or(
      find_row(tuning_methods(), model.spec().tuning.method, "method").default_learning_rate);
}

const Schedule& schedule(const Task& task, const TrainOptions& options) {
  const std::string& name = options.lr_scheduler_type.empty() ? task.lr_scheduler_type : options.lr_scheduler_type;
  return find_row(schedules(), name, "lr_scheduler_type");
}

int64_t patience(const Task& task, const TrainOptions& options) {
  return options.early_stopping_patience.value_or(task.early_stopping_patience);
}

class AdaptedTrainee : public Trainee {
 public:
  AdaptedTrainee(AdaptedModel& model, const Dataset& data, const RunConfig& config, TrainObserver& observer,
                 World& world)
      : world_(world),
        model_(model),
        data_(data),
        options_(config.train),
        observer_(observer),
        collate_(model.collate_options()),
        batches_(data.train, config, collate_.max_samples, observer, world.size()),
        seed_(static_cast<uint64_t>(config.train.seed)) {
    collate_.speed_perturbation = options_.speed_perturbation;
    if (options_.fp16) observer_.on_message("--fp16 is computed in bfloat16, which has fp32's range");
    open_cache();
    prepare_graph();
  }

  at::Device device() const override { return model_.device(); }
  const ParameterList& trained() const override { return model_.trained(); }

  Batches draw_batches(uint64_t seed) const override { return batches_.draw(seed); }

  Batch load(const std::vector<size_t>& clips, const Epoch& epoch) const override {
    return load_batch(data_.train, clips, target_encoder(model_), collate_, /*augment=*/true, augmentation_seed(epoch));
  }

  std::vector<std::string> counted() const override { return {kSkipped}; }

  /// The loss is the mean over the step's clips, however they are spread over batches and processes.
  void add_gradients(const Batch& batch, int64_t step_clips, StepSums& sums) override {
    const auto clips = batch.targets.size(0);
    if (graph_ && clips == options_.per_device_train_batch_size && graph_->fits(batch)) {
      sums.loss += graph_->run(batch).item<double>();
      return;
    }
    const LossValue value = training_loss(model_, batch);
    const Tensor part = value.mean * (static_cast<double>(clips) / static_cast<double>(step_clips));
    part.backward();
    sums.loss += part.item<double>();
    sums.others[kSkipped] += static_cast<double>(value.skipped);
  }

  Metrics note(const StepSums& sums) override {
    const auto skipped = static_cast<int64_t>(sums.others.at(kSkipped));
    if (skipped > 0 && skipped_ == 0) {
      observer_.on_message("a transcript is longer than its clip has frames: such clips have no share in the loss");
    }
    skipped_ += skipped;
    note_shortfall();
    return {};
  }

  Metrics evaluate() override {
    const Evaluation evaluation =
        sure::evaluate(model_, data_.valid, options_.per_device_eval_batch_size, DecodeOptions{}, observer_, world_);
    note_shortfall();
    return evaluation.metrics;
  }

  void save(const fs::path& folder) const override { model_.save(folder); }
  void load(const fs::path& folder) override { load_weights(folder, model_); }

  std::string publish(const fs::path& folder) const override {
    return write_folder(folder, best_model_folder(), [&](const fs::path& fresh) { model_.save(fresh); });
  }

  /// Clips without a share in the loss, counted anew in every epoch.
  int64_t skipped() const { return skipped_; }

 private:
  void open_cache() {
    if (options_.cache == CacheKind::off) return;
    std::string obstacle = model_.cache_obstacle();
    if (obstacle.empty() && options_.speed_perturbation > 0 && options_.cache_copies == 0) {
      obstacle = "--speed_perturbation makes new clips all the time; --cache_copies 3 would draw from three of each";
    }
    if (!obstacle.empty()) return observer_.on_message("--cache is off: " + obstacle);
    const auto processes = options_.cache == CacheKind::disk ? int64_t{1} : world_.size();  // that have one each
    const auto limit = static_cast<int64_t>(options_.cache_gb * (int64_t{1} << 30)) / processes;
    const fs::path folder =
        options_.cache_dir.empty() ? fs::path(options_.output_dir) / "cache" : fs::path(options_.cache_dir);
    cache_ = options_.cache == CacheKind::disk ? disk_cache(folder, limit) : memory_cache(limit);
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
  uint64_t augmentation_seed(const Epoch& epoch) const {
    if (options_.cache_copies == 0) return epoch.seed;
    return mix_seed(mix_seed(seed_, "copy"), {epoch.number % static_cast<uint64_t>(options_.cache_copies)});
  }

  void note_shortfall() {
    if (!cache_ || cache_->shortfall().empty() || told_shortfall_) return;
    told_shortfall_ = true;
    observer_.on_message("clips that the cache lacks are computed each time: " + cache_->shortfall());
  }

  World& world_;
  AdaptedModel& model_;
  const Dataset& data_;
  const TrainOptions& options_;
  TrainObserver& observer_;
  CollateOptions collate_;
  const EpochBatches batches_;
  const uint64_t seed_;
  std::shared_ptr<ActivationCache> cache_;
  std::optional<GraphedStep> graph_;
  bool told_shortfall_ = false;
  int64_t skipped_ = 0;
};

LoopOptions loop_options(const AdaptedModel& model, const TrainOptions& options, int64_t batches, bool evaluates) {
  const Task& task = model.task();
  const fs::path output = options.output_dir;
  LoopOptions loop;
  loop.seed = static_cast<uint64_t>(options.seed);
  loop.plan = plan_steps(batches, options);
  loop.accumulation = options.gradient_accumulation_steps;
  loop.schedule = &schedule(task, options);
  loop.peak_rate = peak_rate(model, options);
  loop.adamw.weight_decay = options.weight_decay;
  loop.max_grad_norm = options.max_grad_norm;
  loop.evaluation_strategy = evaluates ? options.evaluation_strategy : Strategy::no;
  loop.eval_steps = options.eval_steps;
  const BestModelRule rule(task, options);
  if (evaluates) loop.best_rule = rule;
  loop.patience = patience(task, options);
  loop.load_best = options.load_best_model_at_end;
  loop.output = output;
  loop.checkpoint = &training_checkpoint();
  loop.save_strategy = options.save_strategy;
  loop.save_steps = options.save_steps;
  loop.save_total_limit = options.save_total_limit;
  loop.published = output / "best_model";
  loop.resume = options.resume;
  loop.log = log_folder(options);
  loop.logging_steps = options.logging_steps;
  return loop;
}

}  // namespace

TrainResult train(AdaptedModel& model, const Dataset& data, const RunConfig& config, TrainObserver& observer,
                  World& world) {
  validate(config);
  if (data.train.empty()) fail("nothing to train on: the training split has no clips");
  const TrainOptions& options = config.train;
  const bool evaluates = options.do_eval && options.evaluation_strategy != Strategy::no && !data.valid.empty();
  AdaptedTrainee trainee(model, data, config, observer, world);
  if (!evaluates) {
    observer.on_message("no evaluation while training: best_model/ is the last model, and nothing stops the run early");
  }
  const int64_t batches = std::ssize(trainee.draw_batches(0));
  Loop loop(trainee, loop_options(model, options, batches, evaluates), run_identity(model, data, config), observer,
            world);
  loop.start_or_resume();
  TrainResult result = loop.run();
  result.skipped_clips = trainee.skipped();
  return result;
}

}  // namespace sure
