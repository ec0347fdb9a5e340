#include "pretrain/pretrainer.h"

#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>

#include "audio/audio.h"
#include "core/registry.h"
#include "core/rng.h"
#include "data/batch.h"
#include "formats/safetensors.h"
#include "model/device.h"
#include "pretrain/save_model.h"
#include "train/checkpoint.h"
#include "train/seeding.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr const char* kWeights = "weights.safetensors";
constexpr std::string_view kFrontEnd = "backbone.feature_extractor.";

int64_t to_samples(double seconds) { return std::llround(seconds * kSampleRate); }

double share(int64_t part, int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(std::max<int64_t>(whole, 1));
}

/// Of frames, over batches.
class Tally {
 public:
  /// `frames`: over all processes.
  void add(double mean_loss, int64_t correct, int64_t frames) {
    loss_ += mean_loss * static_cast<double>(frames);
    correct_ += correct;
    frames_ += frames;
  }
  /// The first process has rows in every batch: it has counted all frames.
  void add_up(World& world) {
    Tensor sums = at::tensor({loss_, static_cast<double>(correct_), world.leads() ? static_cast<double>(frames_) : 0.0},
                             at::kDouble);
    world.all_reduce(sums);
    const auto* sum = sums.const_data_ptr<double>();
    loss_ = sum[0];
    correct_ = std::llround(sum[1]);
    frames_ = std::llround(sum[2]);
  }
  double loss() const { return loss_ / static_cast<double>(std::max<int64_t>(frames_, 1)); }
  double accuracy() const { return share(correct_, frames_); }

 private:
  double loss_ = 0;
  int64_t correct_ = 0;
  int64_t frames_ = 0;
};

}  // namespace

MaskedTrainee::MaskedTrainee(const PretrainConfig& config, const BackboneConfig& shape, const Corpus& corpus,
                             const FrameLabels* labels, World& world)
    : config_(config),
      shape_(shape),
      corpus_(corpus),
      labels_(labels),
      world_(world),
      seed_(static_cast<uint64_t>(config.training.seed)),
      dtype_(config.training.bf16 ? at::kBFloat16 : at::kFloat),
      device_(find_device(config.training.device)),
      model_(shape, config.objective, config.clusters.clusters, labels ? labels->count() : 0, seed_,
             config.training.init_from, device_) {}

void MaskedTrainee::learn(const Targets& targets) {
  clips_.emplace(corpus_, targets, labels_, shape_, config_.augment,
                 shape_.frames(to_samples(config_.training.max_seconds)));
}

/// Of the clips [first, last).
Batches MaskedTrainee::draw_batches(size_t first, size_t last, uint64_t seed) const {
  const int64_t longest = to_samples(config_.training.max_seconds);
  std::vector<int64_t> lengths;
  for (size_t i = first; i < last; ++i) lengths.push_back(std::min(corpus_.samples[i], longest));
  Batches batches = bucketed_batches(lengths, to_samples(config_.training.batch_seconds) * world_.size(), seed);
  for (auto& batch : batches) {
    for (size_t& clip : batch) clip += first;
  }
  return batches;
}

Batch MaskedTrainee::load(const std::vector<size_t>& clips, const Epoch& epoch) const {
  return clips_->load(clips, /*augment=*/true, epoch.seed);
}

std::vector<std::string> MaskedTrainee::counted() const {
  std::vector<std::string> names = {"accuracy", "feature_penalty"};
  if (labels_) names.insert(names.end(), {"label_loss", "label_accuracy"});
  return names;
}

void MaskedTrainee::add_gradients(const Batch& batch, int64_t step_clips, StepSums& sums) {
  const int64_t rows = batch.whole ? batch.whole->lengths.size(0) : batch.audio.size(0);
  const double weight = static_cast<double>(rows) / static_cast<double>(step_clips);
  const MaskedLoss loss = model_.loss(batch, model_.draw_mask(batch), dtype_, /*training=*/true);
  (loss.total * weight).backward();
  sums.loss += loss.cross_entropy * weight;
  sums.others["accuracy"] += share(loss.correct, loss.masked) * weight;
  sums.others["feature_penalty"] += loss.penalty * weight;
  if (!labels_) return;
  sums.others["label_loss"] += loss.label_cross_entropy * weight;
  sums.others["label_accuracy"] += share(loss.label_correct, loss.labelled) * weight;
}

void MaskedTrainee::scale_gradients() {
  for (const NamedTensor& parameter : model_.parameters()) {
    const Tensor& gradient = parameter.value.grad();
    if (parameter.name.starts_with(kFrontEnd) && gradient.defined()) gradient.mul_(config_.training.front_end_gradient);
  }
}

Metrics MaskedTrainee::evaluate() {
  seed_generators(device_, mix_seed(seed_, "validation"));
  const Batches plan = draw_batches(corpus_.training, corpus_.clips.size(), seed_);
  SharedBatches batches(
      plan, [&](const std::vector<size_t>& clips) { return clips_->load(clips, /*augment=*/false, seed_); }, world_);
  Tally clusters, labels;
  Batch batch;
  for (size_t i = 0; i < plan.size(); ++i) {
    const bool mine = batches.next(batch);
    const Tensor mask = model_.draw_mask(batch);
    if (!mine) continue;
    const MaskedLoss loss = model_.loss(batch, mask, dtype_, /*training=*/false);
    clusters.add(loss.cross_entropy, loss.correct, loss.masked);
    labels.add(loss.label_cross_entropy, loss.label_correct, loss.labelled);
  }
  clusters.add_up(world_);
  labels.add_up(world_);
  Metrics metrics = {{"loss", clusters.loss()}, {"accuracy", clusters.accuracy()}};
  if (labels_) metrics.insert({{"label_loss", labels.loss()}, {"label_accuracy", labels.accuracy()}});
  return metrics;
}

void MaskedTrainee::save(const fs::path& folder) const { write_safetensors(folder / kWeights, model_.parameters()); }

void MaskedTrainee::load(const fs::path& folder) { copy_tensors(folder / kWeights, model_.parameters()); }

std::string MaskedTrainee::publish(const fs::path& folder) const {
  return save_model(folder, model_.backbone(), find_save_dtype(config_.training.save_dtype));
}

LoopOptions loop_options(const PretrainConfig& config, const Corpus& corpus, int64_t batches) {
  const PretrainOptions& options = config.training;
  const fs::path output = options.output_dir;
  LoopOptions loop;
  loop.seed = static_cast<uint64_t>(options.seed);
  loop.plan.steps_per_epoch = batches;
  loop.plan.total_steps = options.max_steps;
  loop.plan.warmup_steps = std::llround(options.warmup_ratio * static_cast<double>(options.max_steps));
  loop.schedule = &find_row(schedules(), "linear", "schedule");
  loop.peak_rate = options.learning_rate;
  loop.adamw.beta2 = 0.98;  // HuBERT's
  loop.adamw.epsilon = 1e-6;
  loop.adamw.weight_decay = options.weight_decay;
  loop.max_grad_norm = options.max_grad_norm;
  loop.evaluation_strategy = corpus.training < corpus.clips.size() ? Strategy::steps : Strategy::no;
  loop.eval_steps = options.eval_steps;
  loop.output = output;
  loop.checkpoint = &pretraining_checkpoint();
  loop.save_steps = options.save_steps;
  loop.save_total_limit = options.save_total_limit;
  loop.published = output / "model";
  loop.publishes_checkpoints = true;
  loop.resume = options.resume;
  loop.log = output / "log";
  loop.logging_steps = options.logging_steps;
  return loop;
}

}  // namespace sure
