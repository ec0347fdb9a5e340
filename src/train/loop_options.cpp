#include "train/loop_options.h"

#include "core/registry.h"
#include "tasks/synthesis.h"
#include "train/checkpoint.h"
#include "train/run_log.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

double peak_rate(const Task& task, const TuningOptions& tuning, const TrainOptions& options) {
  return options.learning_rate.value_or(usual_rate(task, find_row(tuning_methods(), tuning.method, "method")));
}

const Schedule& schedule(const Task& task, const TrainOptions& options) {
  const std::string& name = options.lr_scheduler_type.empty() ? task.lr_scheduler_type : options.lr_scheduler_type;
  return find_row(schedules(), name, "lr_scheduler_type");
}

int64_t patience(const Task& task, const TrainOptions& options) {
  return options.early_stopping_patience.value_or(task.early_stopping_patience);
}

}  // namespace

double usual_rate(const Task& task, const TuningMethod& method) {
  constexpr double kFinetuneOfSpeech = 1e-4, kAdapterOfSpeech = 1e-3;
  if (!makes_speech(task)) return method.default_learning_rate;
  return method.name == "finetune" ? kFinetuneOfSpeech : kAdapterOfSpeech;
}

LoopOptions loop_options(const Task& task, const TuningOptions& tuning, const TrainOptions& options, int64_t batches,
                         bool evaluates) {
  const fs::path output = options.output_dir;
  LoopOptions loop;
  loop.seed = static_cast<uint64_t>(options.seed);
  loop.plan = plan_steps(batches, options);
  loop.accumulation = options.gradient_accumulation_steps;
  loop.schedule = &schedule(task, options);
  loop.peak_rate = peak_rate(task, tuning, options);
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

void note_no_evaluation(TrainObserver& observer) {
  observer.on_message("no evaluation while training: best_model/ is the last model, and nothing stops the run early");
}

}  // namespace sure
