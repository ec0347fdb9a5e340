#include "train/resolve.h"

#include <filesystem>

#include "backbone/model_folder.h"
#include "core/error.h"
#include "core/registry.h"
#include "model/starting_point.h"
#include "tasks/task_data.h"
#include "train/loop_options.h"
#include "train/recorded_run.h"

namespace sure {

namespace {

namespace fs = std::filesystem;

/// Without --task: the adapter's to start from, where the data set has it.
std::string start_task(const SavedAdapter& start, const std::string& dataset) {
  const DatasetReader& reader = find_row(dataset_readers(), dataset, "data set");
  return has_task(reader, start.spec.task) ? start.spec.task : "";
}

void follow_start(RunConfig& config, const IsGiven& is_given) {
  if (config.train.init_from.empty()) return;
  const bool chosen = is_given("model") || config.model.model != ModelOptions().model;
  const SavedAdapter start = read_starting_point(config.train.init_from, chosen ? config.model.model : "");
  follow(start, config, is_given);
  if (config.task.empty()) config.task = start_task(start, config.data.dataset);
}

/// A run that is only evaluated hears clips as long as it was trained on.
void follow_best_model(RunConfig& config) {
  if (config.train.do_train) return;
  const ModelOptions recorded = recorded_model_options(best_model_of(config.train.output_dir));
  if (!config.model.max_samples) config.model.max_samples = recorded.max_samples;
  if (!config.model.padding) config.model.padding = recorded.padding;
}

void require(const char* flag, const std::string& value) {
  if (value.empty()) fail_usage("--{} is needed", flag);
}

}  // namespace

RunConfig resolve(RunConfig config, const IsGiven& is_given) {
  require("dataset", config.data.dataset);
  require("data_dir", config.data.data_dir);
  validate(config);  // before anything is read
  follow_start(config, is_given);
  const Task& task = find_task(config.task.empty() ? usual_task(config.data) : config.task);
  const TuningMethod& method = find_row(tuning_methods(), config.tuning.method, "method");
  config.task = task.name;
  config.model.bf16 = config.model.bf16 || config.train.fp16;
  config.train.learning_rate = config.train.learning_rate.value_or(usual_rate(task, method));
  if (config.train.metric_for_best_model.empty()) config.train.metric_for_best_model = task.metric;
  if (config.train.lr_scheduler_type.empty()) config.train.lr_scheduler_type = task.lr_scheduler_type;
  config.train.early_stopping_patience = config.train.early_stopping_patience.value_or(task.early_stopping_patience);
  follow_best_model(config);
  const DatasetReader& reader = find_row(dataset_readers(), config.data.dataset, "data set");
  choose_clip_length(config.model, task, is_benchmark_task(reader, task.name));
  if (config.target.vocab == "model") {
    config.target.vocab = (fs::path(find_model(config.model.model)) / "vocab.json").string();
  }
  validate(config);
  return config;
}

}  // namespace sure
