// sure evaluate: an adapted model's metrics on whatever is labelled, with scores by class or transcripts, clip by clip.
#include <fmt/format.h>

#include <algorithm>

#include "backbone/frame_samples.h"
#include "cli/adapter_flags.h"
#include "cli/command.h"
#include "cli/evaluation_report.h"
#include "cli/print_json.h"
#include "cli/progress.h"
#include "cli/recorded_run.h"
#include "core/error.h"
#include "core/registry.h"
#include "data/length_notes.h"
#include "model/foreign_head.h"
#include "tasks/known_targets.h"
#include "tasks/predictions_file.h"
#include "text/counted.h"
#include "text/printable.h"
#include "train/bad_clips.h"

namespace sure {

namespace {

constexpr size_t kNamedColumns = 60;  // of a list of labels in a note

struct EvaluateOptions {
  std::string run;
  DataOptions data_of_run;  // as it recorded them
  AdapterFlags adapter;
  DataOptions data;
  std::string split;
  int64_t batch_size = 8;
  DecodeOptions decode;
  ReportOptions report;
  std::string predictions;
  bool skip_bad = false;
  bool json = false;
};

/// The adapter, the data and how a run measured it; flags that follow override.
void take_from_run(const std::string& folder, EvaluateOptions& options) {
  const RunConfig run = read_recorded_run(folder);
  options.run = folder;
  options.adapter.adapter = best_model_of(folder).string();
  options.adapter.model = recorded_model_options(options.adapter.adapter);
  options.data = run.data;
  options.data_of_run = run.data;
  options.adapter.task = run.task;
  options.batch_size = run.train.per_device_eval_batch_size;
  options.decode = run.decode;
  options.skip_bad = run.train.skip_bad;
}

/// Whether the data is what the run had, where it was or moved.
bool is_data_of_run(const EvaluateOptions& options) {
  const DataOptions& run = options.data_of_run;
  std::error_code error;
  return options.data.dataset == run.dataset &&
         (options.data.data_dir == run.data_dir || !std::filesystem::exists(run.data_dir, error));
}

/// Other data than the run's has other speakers, and its splits are no folds.
void forget_splits_of_run(const FlagSet& flags, DataOptions& data) {
  if (!flags.given("valid_speakers")) data.valid_speakers.clear();
  if (!flags.given("test_speakers")) data.test_speakers.clear();
  if (!flags.given("folds")) data.folds.clear();
}

void check(const EvaluateOptions& options) {
  require_adapter(options.adapter);
  require_flag("dataset", options.data.dataset);
  require_flag("data_dir", options.data.data_dir);
  if (options.batch_size < 1)
    fail_usage("--per_device_eval_batch_size: expected 1 or more, found {}", options.batch_size);
  if (options.report.bootstrap < 0) fail_usage("--bootstrap {}: expected 0 or more", options.report.bootstrap);
  if (!options.predictions.empty()) check_predictions_file(options.predictions);
  std::error_code error;
  if (options.data.data_dir == options.data_of_run.data_dir && !std::filesystem::exists(options.data.data_dir, error)) {
    fail("{}: no such file or folder, where --run {} found its data: give --data_dir", options.data.data_dir,
         options.run);
  }
}

/// Tasks whose targets a model for `of_model` can be measured on, of those that the data set has.
std::vector<std::string> fitting_tasks(const Task& of_model, const DatasetReader& reader) {
  std::vector<std::string> names;
  for (const std::string& name : reader.tasks) {
    if (find_task(name).make_objective == of_model.make_objective) names.push_back(name);
  }
  return names;
}

/// For a model that records no task: it itself, where the data set has it, or the data set's usual one.
const Task& usual_fitting_task(const EvaluateOptions& options, const Task& of_model) {
  const std::vector<std::string>& tasks = find_row(dataset_readers(), options.data.dataset, "data set").tasks;
  if (std::find(tasks.begin(), tasks.end(), of_model.name) != tasks.end()) return of_model;
  const Task& usual = find_task(usual_task(options.data));
  return usual.make_objective == of_model.make_objective ? usual : of_model;
}

/// The task whose targets the data is read with: the model's, or another that is answered in the same way.
const Task& target_task(const EvaluateOptions& options, const AdaptedModel& model) {
  const DatasetReader& reader = find_row(dataset_readers(), options.data.dataset, "data set");
  const Task& of_model = model.task();
  const Task& wanted = options.adapter.task.empty() ? of_model : find_task(options.adapter.task);
  const Task& task =
      options.adapter.task.empty() && model.is_foreign() ? usual_fitting_task(options, of_model) : wanted;
  if (task.make_objective != of_model.make_objective) {
    fail_usage("--task {}: the adapter was trained for '{}' and cannot be measured on it", task.name, of_model.name);
  }
  if (std::find(reader.tasks.begin(), reader.tasks.end(), task.name) != reader.tasks.end()) return task;
  const std::vector<std::string> fitting = fitting_tasks(of_model, reader);
  if (fitting.empty()) {
    fail_usage("--dataset {}: it has no labels for '{}', which the adapter was trained for", reader.name,
               of_model.name);
  }
  fail_usage(
      "--dataset {}: it has no labels for '{}', which the adapter was trained for; if it answers with those of "
      "another task, say which: --task {}",
      reader.name, task.name, fmt::join(fitting, " or --task "));
}

/// A run's own splits, drawn as it drew them; nothing is drawn of other data.
Dataset read_data(const EvaluateOptions& options, const Task& task, const TargetOptions& target) {
  Dataset data =
      is_data_of_run(options) ? read_dataset(options.data, task.name) : read_for_evaluation(options.data, task.name);
  task.prepare(data, target);
  return data;
}

/// The model and the data to measure it on.
struct Subject {
  AdaptedModel model;
  Dataset data;
};

/// The data has its targets as the model was trained on them; classes without names are named by the data's.
Subject load_subject(const EvaluateOptions& options) {
  AdaptedModel model = load_model(options.adapter);
  const Task& task = target_task(options, model);
  Dataset data = read_data(options, task, model.spec().target);
  if (model.is_foreign() && task.output == OutputKind::labels && are_placeholders(model.spec().labels)) {
    model.rename_labels(task.labels(data, model.spec().target));
    data.notes.push_back(
        fmt::format("the model does not name its {}: they are taken to be the data's, in its order ({})",
                    counted(std::ssize(model.spec().labels), "class"),
                    cut_to_columns(fmt::format("{}", fmt::join(model.spec().labels, ", ")), kNamedColumns)));
  }
  return {std::move(model), std::move(data)};
}

/// The clips to measure on; `data` notes what is not among them.
std::vector<Example> choose_clips(EvaluateOptions& options, const AdaptedModel& model, Dataset& data) {
  if (options.split.empty()) options.split = usual_split(data);
  std::vector<Example> examples = select_split(data, options.split);
  const std::string note = leave_out_unknown_targets(model.task(), model.spec().labels, model.objective(), examples);
  if (!note.empty()) data.notes.push_back(note);
  return examples;
}

nlohmann::ordered_json to_json(const EvaluateOptions& options, const Subject& subject, const Evaluation& evaluation) {
  nlohmann::ordered_json json = {{"dataset", options.data.dataset},
                                 {"split", options.split},
                                 {"task", subject.model.task().name},
                                 {"notes", subject.data.notes}};
  json.update(evaluation_to_json(evaluation, subject.model.objective(), options.report));
  return json;
}

void print_report(const EvaluateOptions& options, const nlohmann::ordered_json& json) {
  if (options.json) {
    print_json(json);
    return;
  }
  fmt::print("{} · {} · {}\n", options.data.dataset, options.split, counted(json.at("clips").get<int64_t>(), "clip"));
  fmt::print("{}\n{}", format_metrics("", json), format_details(json, options.report));
  if (!options.predictions.empty()) fmt::print("clip by clip: {}\n", options.predictions);
}

void add_flags(FlagSet& flags, EvaluateOptions& options) {
  flags.add_text("run", "the --output_dir of a training run: its best model, on the data and splits that it recorded",
                 "DIR", [&options](const std::string& folder) { take_from_run(folder, options); });
  add_adapter_flags(flags, options.adapter);
  flags.add_all("Data", options.data);
  flags.add(
      "split", options.split,
      "train, valid, test, a part by its corpus' own name (test-other), or all; without the flag test, or valid where "
      "nothing else is there; of data without splits, all");
  flags.add_all("Transcripts", options.decode);
  flags.group("Output");
  flags.add("predictions", options.predictions, "write every clip's answer into this file, FILE.csv or FILE.jsonl");
  flags.add("bootstrap", options.report.bootstrap, "95 % confidence intervals from that many resamples of the clips");
  flags.add("full_confusion", options.report.full_confusion,
            "print all of a confusion matrix, also where it is wider than a screen");
  flags.add("per_device_eval_batch_size", options.batch_size, "clips in a batch");
  flags.add("skip_bad", options.skip_bad, "go on without clips that are unreadable, damaged or too short");
  flags.add("json", options.json, "print JSON");
}

}  // namespace

int run_evaluate(const Arguments& arguments) {
  FlagSet flags("sure evaluate",
                "Measures an adapted model on labelled clips: metrics, scores by class and a confusion matrix, or "
                "transcripts. Takes\n"
                "adapters that sure trained, LoRA adapters that Python's PEFT trained, and models that transformers "
                "fine-tuned (--model alone).",
                "sure evaluate --run output --predictions test.csv");
  EvaluateOptions options;
  add_flags(flags, options);
  if (!flags.parse(arguments)) return 0;
  if (!is_data_of_run(options)) forget_splits_of_run(flags, options.data);
  check(options);

  Subject subject = load_subject(options);
  std::vector<Example> examples = choose_clips(options, subject.model, subject.data);
  Progress progress(stderr);
  const int64_t shortest = samples_of_frames(subject.model.backbone().config(), 1);
  const ClipSurvey survey =
      leave_out_bad_clips({{&examples, shortest}}, options.data.data_dir, options.skip_bad, progress);
  if (examples.empty()) fail("--skip_bad: no clip of --split {} is left", options.split);
  std::vector<std::string>& notes = subject.data.notes;
  for (std::string& note : length_notes(survey.samples, subject.model.collate_options())) {
    notes.push_back(std::move(note));  // what of the clips the model hears
  }
  for (const std::string& note : notes) progress.on_message("note: " + printable(note));
  const Evaluation evaluation = evaluate(subject.model, examples, options.batch_size, options.decode, progress);
  if (!options.predictions.empty()) {
    write_predictions(options.predictions, subject.model.objective(), examples, evaluation.predictions);
  }
  nlohmann::ordered_json json = to_json(options, subject, evaluation);
  if (!survey.bad.empty()) json["skipped_bad"] = bad_to_json(survey.bad);
  print_report(options, json);
  return 0;
}

}  // namespace sure
