#include "train/loop.h"

#include <utility>

#include "core/batch_rows.h"
#include "core/clock.h"
#include "core/rng.h"
#include "metrics/spread.h"
#include "train/checkpoint.h"
#include "train/finite.h"
#include "train/seeding.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

BatchRows rows_of(const Batch& batch) {
  if (!batch.whole) return {};
  return {batch.whole->first_row, batch.audio.size(0), batch.whole->lengths};
}

}  // namespace

Loop::Loop(Trainee& trainee, LoopOptions options, nlohmann::ordered_json identity, TrainObserver& observer,
           World& world)
    : trainee_(trainee),
      options_(std::move(options)),
      identity_(std::move(identity)),
      observer_(observer),
      world_(world),
      optimiser_(trainee.trained(), options_.adamw) {
  identity_["processes"] = world.size();
}

void Loop::start_or_resume() {
  if (world_.leads()) clear_output_folder(options_.output);
  world_.barrier();
  const auto folder = checkpoint_to_resume(options_.output, options_.resume);
  if (!folder && !options_.resume.empty()) observer_.on_message(kNothingToResume);
  if (!folder) return;
  state_ = load_checkpoint(
      *folder, [&](const fs::path& from) { trainee_.load(from); }, optimiser_, identity_, options_.plan.total_steps);
  observer_.on_message(
      fmt::format("resumed from {} at step {} of {}", folder->string(), state_.step, options_.plan.total_steps));
  if (state_.best_step == 0 || fs::exists(options_.published)) return;
  observer_.on_message(fmt::format("{}: gone; the best model is looked for anew", options_.published.string()));
  state_.best_step = 0;
}

TrainResult Loop::run() {
  const KeptRandomness of_processor(at::kCPU), of_device(trainee_.device());
  const auto start = Clock::now();
  share_parameters(trainee_.trained(), world_);
  if (world_.leads()) events_.emplace(options_.log);
  while (!finished()) run_epoch();
  finish();
  if (events_) events_->flush();
  return result(seconds_since(start));
}

bool Loop::stops_early() const { return options_.patience > 0 && state_.evaluations_without_gain >= options_.patience; }

/// The one in which the next step lies.
Epoch Loop::current_epoch() const {
  const auto number = static_cast<uint64_t>(state_.step / options_.plan.steps_per_epoch);
  return {number, mix_seed(mix_seed(options_.seed, "epoch"), {number})};
}

/// Runs what is left of it.
void Loop::run_epoch() {
  const auto start = Clock::now();
  epochs_.emplace_back();
  const Epoch epoch = current_epoch();
  Batches plan = trainee_.draw_batches(epoch.seed);
  plan.erase(plan.begin(), plan.begin() + (state_.step % options_.plan.steps_per_epoch) * options_.accumulation);
  SharedBatches batches(plan, [&](const std::vector<size_t>& clips) { return trainee_.load(clips, epoch); }, world_);
  for (size_t first = 0; first < plan.size() && !finished();) {
    const MicroBatches step = micro_batches(plan, first, options_.accumulation);
    after_step(run_step(batches, step));
    first += static_cast<size_t>(step.batches());
  }
  epochs_.back() = {seconds_since(start), batches.seconds()};
}

StepReport Loop::run_step(SharedBatches& batches, const MicroBatches& step) {
  const auto start = Clock::now();
  const StepPlan& plan = options_.plan;
  seed_generators(trainee_.device(), mix_seed(mix_seed(options_.seed, "step"), {static_cast<uint64_t>(state_.step)}));
  const double rate =
      options_.peak_rate * options_.schedule->factor({plan.total_steps, plan.warmup_steps}, state_.step);
  StepSums sums = add_gradients(batches, step);
  sum_gradients(trainee_.trained(), sums, world_);
  noted_ = trainee_.note(sums);
  trainee_.scale_gradients();
  const double norm = clip_gradients(trainee_.trained(), options_.max_grad_norm);
  require_finite("loss", sums.loss, state_.step + 1, options_.peak_rate);
  require_finite("gradient norm", norm, state_.step + 1, options_.peak_rate);
  optimiser_.step(rate);
  optimiser_.zero_gradients();
  ++state_.step;
  const double epoch = static_cast<double>(state_.step) / static_cast<double>(plan.steps_per_epoch);
  return {state_.step, plan.total_steps, epoch, sums.loss, rate, norm, seconds_since(start), step.clips};
}

StepSums Loop::add_gradients(SharedBatches& batches, const MicroBatches& step) {
  StepSums sums;
  for (const std::string& name : trainee_.counted()) sums.others[name] = 0;
  Batch batch;
  for (int64_t i = 0; i < step.batches(); ++i) {
    if (!batches.next(batch)) continue;
    const DrawnForRows rows(rows_of(batch));
    trainee_.add_gradients(batch, step.clips, sums);
  }
  return sums;
}

/// The best model is written before the checkpoint that knows of it, so that a kill between the two loses nothing.
void Loop::after_step(const StepReport& report) {
  const StepPlan& plan = options_.plan;
  step_seconds_.push_back(report.seconds);
  if (report.step % options_.logging_steps == 0 || report.step == plan.total_steps) log(report);
  observer_.on_step(report);
  if (is_due(plan, options_.evaluation_strategy, options_.eval_steps, report.step)) evaluate();
  const bool last = stops_early() && options_.save_strategy != Strategy::no;
  if (last || is_due(plan, options_.save_strategy, options_.save_steps, report.step)) save();
}

void Loop::log(const StepReport& report) {
  state_.history.steps.push_back({report.step, report.loss, report.learning_rate});
  if (!events_) return;
  events_->scalar("train/loss", report.loss, report.step);
  for (const auto& [name, value] : noted_) events_->scalar("train/" + name, value, report.step);
  events_->scalar("train/learning_rate", report.learning_rate, report.step);
  events_->scalar("train/grad_norm", report.gradient_norm, report.step);
  events_->flush();
}

void Loop::evaluate() {
  const auto start = Clock::now();
  const Metrics metrics = trainee_.evaluate();
  if (events_) {
    for (const auto& [name, value] : metrics) events_->scalar("eval/" + name, value, state_.step);
    events_->flush();
  }
  state_.history.evaluations.push_back({state_.step, metrics});
  const bool best = options_.best_rule && options_.best_rule->note(metrics, state_);
  if (best) publish();
  observer_.on_evaluation({state_.step, metrics, seconds_since(start), best, best ? state_.decided_by : std::string()});
}

void Loop::save() {
  if (!world_.leads()) return;
  const auto write = [&](const fs::path& to) { trainee_.save(to); };
  for (const std::string& warning : save_checkpoint(options_.output, *options_.checkpoint, write, optimiser_, state_,
                                                    identity_, options_.save_total_limit)) {
    warn(warning);
  }
  observer_.on_checkpoint();
  if (options_.publishes_checkpoints) publish();
}

void Loop::publish() {
  published_ = state_.step;
  if (world_.leads()) warn(trainee_.publish(options_.published));
}

void Loop::finish() {
  const std::vector<EvaluationPoint>& known = state_.history.evaluations;
  const bool judged = options_.best_rule ? state_.best_step > 0 : !known.empty() && known.back().step == state_.step;
  if (evaluates() && !judged) evaluate();
  if (!options_.best_rule && published_ != state_.step) publish();
  world_.barrier();  // until it is written
  if (options_.best_rule && options_.load_best) trainee_.load(options_.published);
}

void Loop::warn(const std::string& warning) {
  if (!warning.empty()) observer_.on_message("warning: " + warning);
}

TrainResult Loop::result(double seconds) const {
  TrainResult result;
  result.steps = state_.step;
  result.best_metric = state_.best_metric;
  result.best_step = options_.best_rule ? state_.best_step : state_.step;
  result.best_by = options_.best_rule ? state_.decided_by : "";
  result.history = state_.history;
  result.stopped_early = stops_early() && state_.step < options_.plan.total_steps;
  result.seconds_per_step = median(step_seconds_);
  result.seconds = seconds;
  result.epochs = epochs_;
  return result;
}

}  // namespace sure
