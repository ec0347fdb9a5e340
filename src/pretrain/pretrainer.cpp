#include "pretrain/pretrainer.h"

#include <algorithm>
#include <cmath>

#include "audio/audio.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/registry.h"
#include "core/rng.h"
#include "data/length_buckets.h"
#include "formats/safetensors.h"
#include "model/device.h"
#include "pretrain/save_model.h"
#include "train/checkpoint.h"
#include "train/finite.h"
#include "train/schedule.h"
#include "train/seeding.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr const char* kWeights = "weights.safetensors";
constexpr std::string_view kFrontEnd = "backbone.feature_extractor.";

int64_t to_samples(double seconds) { return std::llround(seconds * kSampleRate); }

AdamWOptions optimiser_options(const PretrainOptions& options) {
  AdamWOptions adamw;  // HuBERT's
  adamw.beta2 = 0.98;
  adamw.epsilon = 1e-6;
  adamw.weight_decay = options.weight_decay;
  return adamw;
}

double share(int64_t part, int64_t whole) {
  return static_cast<double>(part) / static_cast<double>(std::max<int64_t>(whole, 1));
}

/// Of frames, over batches.
class Tally {
 public:
  void add(double mean_loss, int64_t correct, int64_t frames) {
    loss_ += mean_loss * static_cast<double>(frames);
    correct_ += correct;
    frames_ += frames;
  }
  double loss() const { return loss_ / static_cast<double>(std::max<int64_t>(frames_, 1)); }
  double accuracy() const { return share(correct_, frames_); }

 private:
  double loss_ = 0;
  int64_t correct_ = 0;
  int64_t frames_ = 0;
};

}  // namespace

Pretrainer::Pretrainer(const PretrainConfig& config, const BackboneConfig& shape, const Corpus& corpus,
                       const FrameLabels* labels, const nlohmann::ordered_json& identity, TrainObserver& observer)
    : config_(config),
      shape_(shape),
      corpus_(corpus),
      labels_(labels),
      identity_(identity),
      observer_(observer),
      output_(config.training.output_dir),
      seed_(static_cast<uint64_t>(config.training.seed)),
      steps_per_epoch_(std::ssize(draw_batches(0, corpus.training, 0))),
      dtype_(config.training.bf16 ? at::kBFloat16 : at::kFloat),
      device_(find_device(config.training.device)),
      model_(shape, config.objective, config.clusters.clusters, labels ? labels->count() : 0, seed_,
             config.training.init_from, device_),
      optimiser_(model_.parameters(), optimiser_options(config.training)) {}

void Pretrainer::start_or_resume() {
  const auto folder = checkpoint_to_resume(output_, config_.training.resume);
  if (!folder && !config_.training.resume.empty()) observer_.on_message(kNothingToResume);
  if (!folder) return;
  const auto load = [&](const fs::path& from) { copy_tensors(from / kWeights, model_.parameters()); };
  state_ = load_checkpoint(*folder, load, optimiser_, identity_, config_.training.max_steps);
  observer_.on_message(
      fmt::format("resumed from {} at step {} of {}", folder->string(), state_.step, config_.training.max_steps));
}

PretrainOutcome Pretrainer::run(const Targets& targets) {
  const KeptRandomness of_processor(at::kCPU), of_device(device_);
  const ClipBatches clips(corpus_, targets, labels_, shape_, config_.augment,
                          shape_.frames(to_samples(config_.training.max_seconds)));
  EventWriter events(output_ / "log");
  clips_ = &clips;
  events_ = &events;
  const auto start = Clock::now();
  const int64_t first = state_.step;
  if (finished()) export_model();  // a run that is over may be wanted in another --save_dtype
  while (!finished()) run_epoch();

  PretrainOutcome outcome;
  outcome.steps = state_.step;
  outcome.parameters = count_parameters(model_.backbone().parameters());
  outcome.seconds = seconds_since(start);
  outcome.seconds_per_step = outcome.seconds / static_cast<double>(std::max<int64_t>(state_.step - first, 1));
  outcome.validation = evaluate();
  return outcome;
}

double Pretrainer::learning_rate() const {
  const PretrainOptions& options = config_.training;
  const auto warmup = std::llround(options.warmup_ratio * static_cast<double>(options.max_steps));
  const Schedule& linear = find_row(schedules(), "linear", "schedule");
  return options.learning_rate * linear.factor({options.max_steps, warmup}, state_.step);
}

/// Of the clips [first, last).
Pretrainer::Batches Pretrainer::draw_batches(size_t first, size_t last, uint64_t seed) const {
  const int64_t longest = to_samples(config_.training.max_seconds);
  std::vector<int64_t> lengths;
  for (size_t i = first; i < last; ++i) lengths.push_back(std::min(corpus_.samples[i], longest));
  Batches batches = bucketed_batches(lengths, to_samples(config_.training.batch_seconds), seed);
  for (auto& batch : batches) {
    for (size_t& clip : batch) clip += first;
  }
  return batches;
}

/// Runs what is left of the epoch in which the next step lies.
void Pretrainer::run_epoch() {
  const auto epoch = static_cast<uint64_t>(state_.step / steps_per_epoch_);
  const uint64_t epoch_seed = mix_seed(mix_seed(seed_, "epoch"), {epoch});
  Batches batches = draw_batches(0, corpus_.training, epoch_seed);
  batches.erase(batches.begin(), batches.begin() + state_.step % steps_per_epoch_);
  Prefetcher prefetcher(std::move(batches), [&](const std::vector<size_t>& indices) {
    return clips_->load(indices, /*augment=*/true, epoch_seed);
  });
  for (Batch batch; !finished() && prefetcher.next(batch);) after_step(run_step(batch));
}

StepReport Pretrainer::run_step(const Batch& batch) {
  const auto start = Clock::now();
  seed_generators(device_, mix_seed(mix_seed(seed_, "step"), {static_cast<uint64_t>(state_.step)}));
  const MaskedLoss loss = model_.loss(batch, model_.draw_mask(batch), dtype_, /*training=*/true);
  loss.total.backward();
  scale_front_end_gradients();
  const double norm = clip_gradients(model_.parameters(), config_.training.max_grad_norm);
  require_finite("loss", loss.cross_entropy, state_.step + 1, config_.training.learning_rate);
  require_finite("gradient norm", norm, state_.step + 1, config_.training.learning_rate);
  const double rate = learning_rate();
  optimiser_.step(rate);
  optimiser_.zero_gradients();
  ++state_.step;
  const double epoch = static_cast<double>(state_.step) / static_cast<double>(steps_per_epoch_);
  const StepReport report = {state_.step,          config_.training.max_steps, epoch, loss.cross_entropy, rate, norm,
                             seconds_since(start), batch.audio.size(0)};
  if (state_.step % config_.training.logging_steps == 0) log(loss, report);
  return report;
}

void Pretrainer::scale_front_end_gradients() const {
  for (const NamedTensor& parameter : model_.parameters()) {
    const Tensor& gradient = parameter.value.grad();
    if (parameter.name.starts_with(kFrontEnd) && gradient.defined()) gradient.mul_(config_.training.front_end_gradient);
  }
}

void Pretrainer::log(const MaskedLoss& loss, const StepReport& report) {
  events_->scalar("train/loss", loss.cross_entropy, report.step);
  events_->scalar("train/accuracy", share(loss.correct, loss.masked), report.step);
  if (labels_) {
    events_->scalar("train/label_loss", loss.label_cross_entropy, report.step);
    events_->scalar("train/label_accuracy", share(loss.label_correct, loss.labelled), report.step);
  }
  events_->scalar("train/feature_penalty", loss.penalty, report.step);
  events_->scalar("train/learning_rate", report.learning_rate, report.step);
  events_->scalar("train/grad_norm", report.gradient_norm, report.step);
  events_->flush();
}

void Pretrainer::after_step(const StepReport& report) {
  observer_.on_step(report);
  if (report.step % config_.training.eval_steps == 0 && !finished()) report_evaluation();
  if (report.step % config_.training.save_steps == 0 || finished()) save();
}

/// With the same pieces and masks each time.
Metrics Pretrainer::evaluate() {
  if (corpus_.training == corpus_.clips.size()) return {};
  seed_generators(device_, mix_seed(seed_, "validation"));
  const Batches batches = draw_batches(corpus_.training, corpus_.clips.size(), seed_);
  Prefetcher prefetcher(
      batches, [&](const std::vector<size_t>& indices) { return clips_->load(indices, /*augment=*/false, seed_); });
  Tally clusters, labels;
  for (Batch batch; prefetcher.next(batch);) {
    const MaskedLoss loss = model_.loss(batch, model_.draw_mask(batch), dtype_, /*training=*/false);
    clusters.add(loss.cross_entropy, loss.correct, loss.masked);
    labels.add(loss.label_cross_entropy, loss.label_correct, loss.labelled);
  }
  Metrics metrics = {{"loss", clusters.loss()}, {"accuracy", clusters.accuracy()}};
  if (labels_) metrics.insert({{"label_loss", labels.loss()}, {"label_accuracy", labels.accuracy()}});
  for (const auto& [name, value] : metrics) events_->scalar("eval/" + name, value, state_.step);
  events_->flush();
  return metrics;
}

void Pretrainer::report_evaluation() {
  const auto start = Clock::now();
  const Metrics metrics = evaluate();
  if (!metrics.empty()) observer_.on_evaluation({state_.step, metrics, seconds_since(start), /*best=*/false, ""});
}

void Pretrainer::save() const {
  const auto write = [&](const fs::path& to) { write_safetensors(to / kWeights, model_.parameters()); };
  for (const std::string& warning : save_checkpoint(output_, pretraining_checkpoint(), write, optimiser_, state_,
                                                    identity_, config_.training.save_total_limit)) {
    observer_.on_message("warning: " + warning);
  }
  observer_.on_checkpoint();
  export_model();
}

void Pretrainer::export_model() const {
  const std::string warning =
      save_model(output_ / "model", model_.backbone(), find_save_dtype(config_.training.save_dtype));
  if (!warning.empty()) observer_.on_message("warning: " + warning);
}

}  // namespace sure
