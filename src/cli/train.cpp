// sure train: data set + backbone + tuning method -> output_dir/{config.json, best_model/, results.json}.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/command.h"
#include "cli/evaluation_report.h"
#include "cli/interrupt.h"
#include "cli/output_folder.h"
#include "cli/parameter_report.h"
#include "cli/progress.h"
#include "cli/run_flags.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "model/device.h"

namespace sure {

namespace {

namespace fs = std::filesystem;

constexpr double kMebibyte = 1024.0 * 1024.0;

void save_config(const RunConfig& config) {
  write_file(fs::path(config.train.output_dir) / "config.json", config_to_json(config).dump(2) + "\n");
}

/// A run that is resumed keeps its own results until train() has found that this is the same run.
bool starts_anew(const TrainOptions& options) { return options.do_train && options.resume.empty(); }

void announce(const RunConfig& config, const Dataset& data, const AdaptedModel& model, Progress& progress) {
  for (const std::string& note : data.notes) progress.on_message("note: " + note);
  progress.on_message(fmt::format("{}: {} training, {} validation, {} test clips, {} {}", config.data.dataset,
                                  data.train.size(), data.valid.size(), data.test.size(), model.spec().labels.size(),
                                  model.task().output == OutputKind::transcript ? "tokens" : "classes"));
  if (is_random_backbone(config.model.model)) {
    progress.on_message(
        fmt::format("note: the backbone {} has random weights: it is not pre-trained, so results are "
                    "far below those of a real one",
                    config.model.model));
  }
  if (model.starts_from_checkpoint_head()) {
    progress.on_message("the head starts as the checkpoint's own CTC head: the tokens are those of its vocab.json");
  }
  const ParameterReport parameters = report_parameters(model);
  progress.on_message(fmt::format("{} on {}: {} of {} parameters train ({:.2f} %)", config.tuning.method,
                                  config.model.model, format_count(parameters.trained), format_count(parameters.total),
                                  parameters.share_percent()));
}

AdaptedModel best_model(const RunConfig& config) {
  return AdaptedModel::load(fs::path(config.train.output_dir) / "best_model", config.model);
}

nlohmann::ordered_json epochs_to_json(const std::vector<EpochTime>& epochs) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const EpochTime& epoch : epochs)
    json.push_back({{"seconds", epoch.seconds}, {"data_seconds", epoch.data_seconds}});
  return json;
}

nlohmann::ordered_json run_to_json(const RunConfig& config, const Dataset& data, const AdaptedModel& model,
                                   const std::optional<TrainResult>& trained) {
  nlohmann::ordered_json json = {{"task", config.task},
                                 {"dataset", config.data.dataset},
                                 {"notes", data.notes},
                                 {"model", config.model.model},
                                 {"random_backbone", is_random_backbone(config.model.model)},
                                 {"method", config.tuning.method},
                                 {"metric", config.train.metric_for_best_model},
                                 {"seed", config.train.seed},
                                 {"labels", model.spec().labels}};
  json.update(parameters_to_json(report_parameters(model)));
  if (trained) {
    json.update({{"steps", trained->steps},
                 {"best_step", trained->best_step},
                 {"best_metric", trained->best_metric},
                 {"stopped_early", trained->stopped_early},
                 {"seconds_per_step", trained->seconds_per_step},
                 {"seconds", trained->seconds},
                 {"epochs", epochs_to_json(trained->epochs)},
                 {"skipped_clips", trained->skipped_clips}});
  }
  return json;
}

struct Split {
  const char* name;
  bool wanted;
  const std::vector<Example>* examples;
};

/// Evaluates the splits that the flags ask for, prints them and adds them to the results.
void evaluate_splits(const RunConfig& config, const Dataset& data, const AdaptedModel& model, Progress& progress,
                     nlohmann::ordered_json& results) {
  const Split splits[] = {{"valid", config.train.do_eval, &data.valid}, {"test", config.train.do_predict, &data.test}};
  for (const Split& split : splits) {
    if (!split.wanted || split.examples->empty()) continue;
    const Evaluation evaluation =
        evaluate(model, *split.examples, config.train.per_device_eval_batch_size, config.decode, progress);
    results[split.name] = evaluation_to_json(evaluation, model.objective());
    const nlohmann::ordered_json& json = results[split.name];
    progress.on_message(format_metrics(fmt::format("{}: ", split.name), json) + "\n" + format_details(json));
  }
}

void print_summary(const RunConfig& config, const AdaptedModel& model, const std::optional<TrainResult>& trained,
                   Progress& progress) {
  if (trained) {
    progress.on_message(fmt::format("{} steps in {} ({:.2f} s a step, {:.0f} MiB peak memory){}", trained->steps,
                                    format_duration(trained->seconds), trained->seconds_per_step,
                                    static_cast<double>(peak_memory_bytes(model.device())) / kMebibyte,
                                    trained->stopped_early ? ", stopped early" : ""));
  }
  const fs::path folder = config.train.output_dir;
  progress.on_message(
      fmt::format("adapter: {}\nresults: {}", (folder / "best_model").string(), (folder / "results.json").string()));
}

void run(const RunFlags& flags, const RunConfig& config) {
  const fs::path folder = config.train.output_dir;
  const bool fresh = starts_anew(config.train);
  check_output_folder(folder, !fresh || flags.overwrite_output_dir);
  Progress progress(stdout);
  const Task& task = find_task(config.task);
  Dataset data = read_dataset(config.data, config.task);
  task.prepare(data, config.target);
  AdaptedModel model = config.train.do_train
                           ? AdaptedModel::create(model_spec(config, task.labels(data, config.target)),
                                                  static_cast<uint64_t>(config.train.seed))
                           : best_model(config);
  announce(config, data, model, progress);
  make_output_folder(folder, fresh && flags.overwrite_output_dir);
  if (fresh) save_config(config);
  explain_interrupt("interrupted: the same command with --resume latest goes on from the last checkpoint");

  std::optional<TrainResult> trained;
  if (config.train.do_train) {
    trained = train(model, data, config, progress);
    save_config(config);
  }
  nlohmann::ordered_json results = run_to_json(config, data, model, trained);
  evaluate_splits(config, data, model, progress, results);
  results["peak_memory_bytes"] = peak_memory_bytes(model.device());
  write_file(folder / "results.json", results.dump(2) + "\n");
  print_summary(config, model, trained, progress);
}

}  // namespace

int run_train(const Arguments& arguments) {
  FlagSet flags(
      "sure train",
      "Adapts a pre-trained speech model to a data set by one tuning method, and measures the result.\n"
      "Only --dataset and --data_dir are needed; without --model, a small backbone with random weights is used.",
      "sure train --dataset fsdd --data_dir DIR --model DIR --method conv_adapter --output_dir output");
  RunFlags flags_of_run;
  add_run_flags(flags, flags_of_run);
  flags.common(common_run_flags());
  if (!flags.parse(arguments)) return 0;
  run(flags_of_run, resolve_run(flags_of_run, flags));
  return 0;
}

}  // namespace sure
