#include "cli/run_flags.h"

#include <algorithm>

#include "backbone/model_folder.h"
#include "cli/config_file.h"
#include "core/error.h"
#include "core/options.h"
#include "core/registry.h"
#include "model/starting_point.h"
#include "train/init_from.h"

namespace sure {

namespace fs = std::filesystem;

void add_run_flags(FlagSet& flags, RunFlags& run) {
  RunConfig& config = run.config;
  flags.add_text("config", "flags from a JSON or YAML file, as a run's config.json; the command line overrides it",
                 "FILE", [&config](const std::string& path) { read_config(path, config); });
  flags.add("overwrite_output_dir", run.overwrite_output_dir, "throw away the results of an earlier run there");
  flags.group("Data");
  flags.add("task", config.task, describe_tasks() + "; empty = the data set's usual one");
  flags.add_all("Data", config.data);
  flags.add_all("Model", config.model);
  flags.add_all("Tuning method", config.tuning);
  flags.add_all("Task head", config.head);
  flags.add_all("Transcripts as targets", config.target);
  flags.add_all("Transcripts of the final evaluation", config.decode);
  flags.add_all("Training", config.train);
  flags.add_all("Switches of the original SURE program", run.legacy);
}

std::vector<std::string> common_run_flags() {
  return {"dataset",
          "data_dir",
          "task",
          "model",
          "method",
          "output_dir",
          "num_train_epochs",
          "max_steps",
          "learning_rate",
          "per_device_train_batch_size",
          "batch_seconds",
          "max_samples",
          "test_speakers",
          "valid_speakers",
          "folds",
          "clips_per_class",
          "lora_rank",
          "lora_alpha",
          "tune_layers",
          "vocab",
          "evaluation_strategy",
          "eval_steps",
          "early_stopping_patience",
          "bf16",
          "int8",
          "cache",
          "device",
          "seed",
          "init_from",
          "resume",
          "overwrite_output_dir",
          "config"};
}

namespace {

/// Without --task: the adapter's to start from, where the data set has it.
std::string start_task(const SavedAdapter& start, const std::string& dataset) {
  const DatasetReader& reader = find_row(dataset_readers(), dataset, "data set");
  const bool has = std::find(reader.tasks.begin(), reader.tasks.end(), start.spec.task) != reader.tasks.end();
  return has ? start.spec.task : "";
}

void follow_start(RunConfig& config, const FlagSet& flags) {
  if (config.train.init_from.empty()) return;
  const bool chosen = flags.given("model") || config.model.model != ModelOptions().model;
  const SavedAdapter start = read_starting_point(config.train.init_from, chosen ? config.model.model : "");
  follow(start, config, [&flags](const std::string& name) { return flags.given(name); });
  if (config.task.empty()) config.task = start_task(start, config.data.dataset);
}

}  // namespace

RunConfig resolve_run(const RunFlags& run, const FlagSet& flags) {
  RunConfig config = run.config;
  apply_legacy_flags(run.legacy, flags, config.tuning);
  require_flag("dataset", config.data.dataset);
  require_flag("data_dir", config.data.data_dir);
  validate(config);  // before anything is read
  follow_start(config, flags);
  const Task& task = find_task(config.task.empty() ? usual_task(config.data) : config.task);
  const TuningMethod& method = find_row(tuning_methods(), config.tuning.method, "method");
  config.task = task.name;
  config.model.bf16 = config.model.bf16 || config.train.fp16;
  if (config.train.learning_rate == 0) config.train.learning_rate = method.default_learning_rate;
  if (config.train.metric_for_best_model.empty()) config.train.metric_for_best_model = task.metric;
  if (config.train.lr_scheduler_type.empty()) config.train.lr_scheduler_type = task.lr_scheduler_type;
  if (config.train.early_stopping_patience < 0) config.train.early_stopping_patience = task.early_stopping_patience;
  const DatasetReader& reader = find_row(dataset_readers(), config.data.dataset, "data set");
  choose_clip_length(config.model, task, is_benchmark_task(reader, task.name));
  if (config.target.vocab == "model") {
    config.target.vocab = (fs::path(find_model(config.model.model)) / "vocab.json").string();
  }
  validate(config);
  return config;
}

nlohmann::ordered_json config_to_json(RunConfig config) {
  config.train.resume.clear();
  return options_to_json(config);
}

void read_config(const std::filesystem::path& path, RunConfig& config) {
  options_from_json(config, read_config_file(path), "--config " + path.string());
}

ModelSpec model_spec(const RunConfig& config, const std::vector<std::string>& labels) {
  const Task& task = find_task(config.task);
  const auto roles = task.roles == nullptr ? std::nullopt : task.roles(config.target);
  return {config.task, config.model, config.tuning, config.head, config.target, labels, roles};
}

}  // namespace sure
