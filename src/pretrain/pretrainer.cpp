#include "pretrain/pretrainer.h"

#include <ATen/Context.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <set>

#include "audio/audio.h"
#include "core/error.h"
#include "core/options.h"
#include "core/registry.h"
#include "core/rng.h"
#include "data/length_buckets.h"
#include "formats/safetensors.h"
#include "formats/tensorboard.h"
#include "model/device.h"
#include "pretrain/frame_labels.h"
#include "pretrain/save_model.h"
#include "train/checkpoint.h"
#include "train/optimiser.h"
#include "train/schedule.h"

namespace sure {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

using Clock = std::chrono::steady_clock;
using Batches = std::vector<std::vector<size_t>>;

constexpr const char* kWeights = "weights.safetensors";

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// What two runs must share for one to go on from the other's checkpoint.
Json pretraining_identity(const PretrainConfig& config, const Json& targets) {
  // They have no say in the weights, or the targets' identity stands for them.
  static const std::set<std::string> free = {
      "audio",      "exclude",   "min_seconds", "valid_share", "teacher",    "teacher_layer",    "labels",
      "output_dir", "init_from", "device",      "eval_steps",  "save_steps", "save_total_limit", "logging_steps",
      "save_dtype", "resume"};
  Json identity = targets;
  const Json options = options_to_json(config);
  for (const auto& item : options.items()) {
    if (!free.contains(item.key())) identity["--" + item.key()] = item.value();
  }
  return identity;
}

AdamWOptions optimiser_options(const PretrainOptions& options) {
  AdamWOptions adamw;  // HuBERT's
  adamw.beta2 = 0.98;
  adamw.epsilon = 1e-6;
  adamw.weight_decay = options.weight_decay;
  return adamw;
}

/// Batches of the clips [first, last), of which at most `longest` samples count.
Batches draw_batches(const Corpus& corpus, size_t first, size_t last, int64_t longest, int64_t batch_samples,
                     uint64_t seed) {
  std::vector<int64_t> lengths;
  for (size_t i = first; i < last; ++i) lengths.push_back(std::min(corpus.samples[i], longest));
  Batches batches = bucketed_batches(lengths, batch_samples, seed);
  for (auto& batch : batches) {
    for (size_t& clip : batch) clip += first;
  }
  return batches;
}

class Pretrainer {
 public:
  Pretrainer(const PretrainConfig& config, const BackboneConfig& shape, const Corpus& corpus, const Json& identity,
             TrainObserver& observer)
      : config_(config),
        options_(config.training),
        corpus_(corpus),
        observer_(observer),
        identity_(identity),
        output_(options_.output_dir),
        seed_(static_cast<uint64_t>(options_.seed)),
        max_frames_(shape.frames(std::llround(options_.max_seconds * kSampleRate))),
        dtype_(options_.bf16 ? at::kBFloat16 : at::kFloat),
        steps_per_epoch_(std::ssize(training_batches(0))),
        model_(shape, config.objective, config.clusters.clusters, seed_, options_.init_from,
               find_device(options_.device)),
        optimiser_(model_.parameters(), optimiser_options(options_)),
        shape_(shape) {}

  void start_or_resume() {
    const auto latest = latest_checkpoint(output_);
    if (options_.resume.empty() && latest) {
      fail_usage("{}: holds checkpoints of an earlier run; go on with --resume latest, or name another --output_dir",
                 output_.string());
    }
    if (options_.resume == "latest" && !latest) observer_.on_message("nothing to resume: starting from step 0");
    if (options_.resume.empty() || (options_.resume == "latest" && !latest)) return;
    const fs::path folder = options_.resume == "latest" ? *latest : fs::path(options_.resume);
    const auto load = [&](const fs::path& from) { copy_tensors(from / kWeights, model_.parameters()); };
    state_ = load_checkpoint(folder, load, optimiser_, identity_);
    observer_.on_message(
        fmt::format("resumed from {} at step {} of {}", folder.string(), state_.step, options_.max_steps));
  }

  void run(const Targets& targets, PretrainResult& result) {
    const ClipBatches clips(corpus_, targets, shape_, config_.augment, max_frames_);
    EventWriter events(output_ / "log");
    clips_ = &clips;
    events_ = &events;
    const auto start = Clock::now();
    const int64_t first = state_.step;
    while (!finished()) run_epoch();
    if (first == options_.max_steps) save_model();
    result.seconds = seconds_since(start);
    result.seconds_per_step = result.seconds / static_cast<double>(std::max<int64_t>(state_.step - first, 1));
    result.steps = state_.step;
    result.validation = evaluate();
    result.parameters = count_parameters(model_.backbone().parameters());
  }

 private:
  bool finished() const { return state_.step >= options_.max_steps; }

  Batches training_batches(uint64_t epoch_seed) const {
    return draw_batches(corpus_, 0, corpus_.training, std::llround(options_.max_seconds * kSampleRate),
                        std::llround(options_.batch_seconds * kSampleRate), epoch_seed);
  }

  /// Runs what is left of the epoch in which the next step lies.
  void run_epoch() {
    const auto epoch = static_cast<uint64_t>(state_.step / steps_per_epoch_);
    const uint64_t epoch_seed = mix_seed(mix_seed(seed_, "epoch"), {epoch});
    Batches batches = training_batches(epoch_seed);
    batches.erase(batches.begin(), batches.begin() + state_.step % steps_per_epoch_);
    Prefetcher prefetcher(std::move(batches), [&](const std::vector<size_t>& indices) {
      return clips_->load(indices, /*augment=*/true, epoch_seed);
    });
    for (Batch batch; !finished() && prefetcher.next(batch);) after_step(run_step(batch));
  }

  StepReport run_step(const Batch& batch) {
    const auto start = Clock::now();
    at::manual_seed(mix_seed(mix_seed(seed_, "step"), {static_cast<uint64_t>(state_.step)}));
    const MaskedLoss loss = model_.loss(batch, model_.draw_mask(batch), dtype_, /*training=*/true);
    loss.total.backward();
    scale_front_end_gradients();
    const double norm = clip_gradients(model_.parameters(), options_.max_grad_norm);
    require_finite("loss", loss.cross_entropy);
    require_finite("gradient norm", norm);
    const double rate = learning_rate();
    optimiser_.step(rate);
    optimiser_.zero_gradients();
    ++state_.step;
    if (state_.step % options_.logging_steps == 0) log(loss, rate, norm);
    return {state_.step,
            options_.max_steps,
            static_cast<double>(state_.step) / static_cast<double>(steps_per_epoch_),
            loss.cross_entropy,
            rate,
            norm,
            seconds_since(start),
            batch.audio.size(0)};
  }

  double learning_rate() const {
    const auto warmup = std::llround(options_.warmup_ratio * static_cast<double>(options_.max_steps));
    const Schedule& linear = find_row(schedules(), "linear", "schedule");
    return options_.learning_rate * linear.factor({options_.max_steps, warmup}, state_.step);
  }

  void scale_front_end_gradients() const {
    for (const NamedTensor& parameter : model_.parameters()) {
      if (!parameter.name.starts_with("backbone.feature_extractor.")) continue;
      if (const Tensor& gradient = parameter.value.grad(); gradient.defined())
        gradient.mul_(options_.front_end_gradient);
    }
  }

  void require_finite(const char* what, double value) const {
    if (std::isfinite(value)) return;
    fail("step {}: the {} is {}; use a lower --learning_rate (the peak is {:g} now)", state_.step + 1, what, value,
         options_.learning_rate);
  }

  void log(const MaskedLoss& loss, double rate, double norm) {
    events_->scalar("train/loss", loss.cross_entropy, state_.step);
    events_->scalar("train/accuracy", accuracy(loss.correct, loss.masked), state_.step);
    events_->scalar("train/feature_penalty", loss.penalty, state_.step);
    events_->scalar("train/learning_rate", rate, state_.step);
    events_->scalar("train/grad_norm", norm, state_.step);
    events_->flush();
  }

  static double accuracy(int64_t correct, int64_t frames) {
    return static_cast<double>(correct) / static_cast<double>(std::max<int64_t>(frames, 1));
  }

  void after_step(const StepReport& report) {
    observer_.on_step(report);
    if (report.step % options_.eval_steps == 0 && !finished()) report_evaluation();
    if (report.step % options_.save_steps == 0 || finished()) save();
  }

  void report_evaluation() {
    const auto start = Clock::now();
    const Metrics metrics = evaluate();
    if (!metrics.empty()) observer_.on_evaluation({state_.step, metrics, seconds_since(start), /*best=*/false});
  }

  /// Over masked frames of the validation clips, with the same pieces and masks each time; nothing without such clips.
  Metrics evaluate() {
    if (corpus_.training == corpus_.clips.size()) return {};
    at::manual_seed(mix_seed(seed_, "validation"));
    const Batches batches =
        draw_batches(corpus_, corpus_.training, corpus_.clips.size(), std::llround(options_.max_seconds * kSampleRate),
                     std::llround(options_.batch_seconds * kSampleRate), seed_);
    Prefetcher prefetcher(
        batches, [&](const std::vector<size_t>& indices) { return clips_->load(indices, /*augment=*/false, seed_); });
    double sum = 0;
    int64_t masked = 0, correct = 0;
    for (Batch batch; prefetcher.next(batch);) {
      const MaskedLoss loss = model_.loss(batch, model_.draw_mask(batch), dtype_, /*training=*/false);
      sum += loss.cross_entropy * static_cast<double>(loss.masked);
      masked += loss.masked;
      correct += loss.correct;
    }
    const Metrics metrics = {{"loss", sum / static_cast<double>(std::max<int64_t>(masked, 1))},
                             {"accuracy", accuracy(correct, masked)}};
    for (const auto& [name, value] : metrics) events_->scalar("eval/" + name, value, state_.step);
    events_->flush();
    return metrics;
  }

  void save() {
    const auto write = [&](const fs::path& to) { write_safetensors(to / kWeights, model_.parameters()); };
    save_checkpoint(output_, write, optimiser_, state_, identity_, options_.save_total_limit);
    save_model();
  }

  void save_model() const {
    sure::save_model(output_ / "model", model_.backbone(), find_save_dtype(options_.save_dtype));
  }

  const PretrainConfig& config_;
  const PretrainOptions& options_;
  const Corpus& corpus_;
  TrainObserver& observer_;
  const Json& identity_;
  const fs::path output_;
  const uint64_t seed_;
  const int64_t max_frames_;
  const at::ScalarType dtype_;
  const int64_t steps_per_epoch_;
  MaskedModel model_;
  AdamW optimiser_;
  const BackboneConfig& shape_;
  const ClipBatches* clips_ = nullptr;
  EventWriter* events_ = nullptr;
  TrainState state_;
};

/// Those of an earlier run with the same identity, or new ones.
Targets make_targets(const PretrainConfig& config, const Corpus& corpus, const FrameFeatures& features,
                     const Json& identity, TrainObserver& observer) {
  const fs::path file = fs::path(config.training.output_dir) / "targets.safetensors";
  if (fs::exists(file)) {
    Targets kept(file);
    if (kept.identity() == identity) return kept;
  }
  fs::create_directories(file.parent_path());
  compute_targets(file, corpus, features, config.clusters, config.training.seed, observer);
  return Targets(file);
}

void describe_targets(const PretrainConfig& config, const Corpus& corpus, const Targets& targets,
                      const FrameFeatures& features, const BackboneConfig& shape, PretrainResult& result,
                      TrainObserver& observer) {
  const Tensor counts = targets.counts(0, corpus.training);
  result.entropy = entropy(counts);
  result.clusters_used = counts.gt(0).sum().item<int64_t>();
  observer.on_message(fmt::format("targets: {} clusters of {}, {} of them used; a guess by frequency has loss {:.4f}",
                                  targets.clusters(), features.name, result.clusters_used, result.entropy));
  if (config.training.labels.empty()) return;
  result.quality = judge_targets(config.training.labels, corpus, targets, shape);
  observer.on_message(fmt::format("targets and labels: PNMI {:.3f}, label purity {:.3f}, cluster purity {:.3f}",
                                  result.quality->pnmi, result.quality->label_purity, result.quality->cluster_purity));
}

}  // namespace

PretrainResult pretrain(const PretrainConfig& config, TrainObserver& observer) {
  validate(config);
  const BackboneConfig shape = hubert_config(config.shape);
  const int64_t max_frames = shape.frames(std::llround(config.training.max_seconds * kSampleRate));
  if (max_frames < config.objective.mask_length) {
    fail_usage("--max_seconds {:g}: {} frames, less than --mask_length {}", config.training.max_seconds, max_frames,
               config.objective.mask_length);
  }
  const FrameFeatures features = frame_features(config.teacher, shape, max_frames, config.training.bf16);
  const Corpus corpus = read_corpus(config.corpus, config.training.seed, observer);
  observer.on_message(fmt::format("{} clips, {:.2f} hours: {} to train on, {} to validate on", corpus.clips.size(),
                                  corpus.seconds() / 3600, corpus.training, corpus.clips.size() - corpus.training));
  const Json targets_of = targets_identity(corpus, features, config.clusters, config.training.seed);
  const Json identity = pretraining_identity(config, targets_of);
  remove_leftovers(config.training.output_dir);

  PretrainResult result;
  result.clips = std::ssize(corpus.clips);
  result.hours = corpus.seconds() / 3600;
  Pretrainer pretrainer(config, shape, corpus, identity, observer);
  pretrainer.start_or_resume();
  const Targets targets = make_targets(config, corpus, features, targets_of, observer);
  describe_targets(config, corpus, targets, features, shape, result, observer);
  pretrainer.run(targets, result);
  return result;
}

}  // namespace sure
