// An adapted model as what the loop trains.

#include "train/trainer.h"

#include <filesystem>
#include <optional>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/registry.h"
#include "core/rng.h"
#include "train/cache_of_run.h"
#include "train/checkpoint.h"
#include "train/epoch_batches.h"
#include "train/graphed_step.h"
#include "train/loop_options.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr const char* kSkipped = "skipped";

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
  void load(const fs::path& folder) override { load_weights(folder, model_.trained()); }

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
    cache_ = sure::open_cache(options_, world_.size());
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

}  // namespace

TrainResult train(AdaptedModel& model, const Dataset& data, const RunConfig& config, TrainObserver& observer,
                  World& world) {
  validate(config);
  if (data.train.empty()) fail("nothing to train on: the training split has no clips");
  const TrainOptions& options = config.train;
  const bool evaluates = options.do_eval && options.evaluation_strategy != Strategy::no && !data.valid.empty();
  AdaptedTrainee trainee(model, data, config, observer, world);
  if (!evaluates) note_no_evaluation(observer);
  const int64_t batches = std::ssize(trainee.draw_batches(0));
  Loop loop(trainee, loop_options(model.task(), model.spec().tuning, options, batches, evaluates),
            run_identity(model, data, config), observer, world);
  loop.start_or_resume();
  TrainResult result = loop.run();
  result.skipped_clips = trainee.skipped();
  return result;
}

}  // namespace sure
