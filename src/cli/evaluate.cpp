// sure evaluate: an adapted model's metrics on one split of a data set, with a confusion matrix or transcripts.
#include <fmt/format.h>

#include "cli/adapter_flags.h"
#include "cli/command.h"
#include "cli/evaluation_report.h"
#include "cli/progress.h"
#include "core/error.h"
#include "core/registry.h"
#include "formats/peft_adapter.h"

namespace sure {

namespace {

struct EvaluateOptions {
  AdapterFlags adapter;
  DataOptions data;
  std::string task;
  std::string split = "test";
  int64_t batch_size = 8;
  DecodeOptions decode;
  ReportOptions report;
  bool json = false;
};

struct Split {
  std::string name;
  std::vector<Example> Dataset::* examples;
};

const std::vector<Split> kSplits = {{"train", &Dataset::train}, {"valid", &Dataset::valid}, {"test", &Dataset::test}};

void check(const EvaluateOptions& options) {
  require_flag("adapter", options.adapter.adapter);
  require_flag("dataset", options.data.dataset);
  require_flag("data_dir", options.data.data_dir);
  find_row(kSplits, options.split, "--split");
  if (options.batch_size < 1)
    fail_usage("--per_device_eval_batch_size: expected 1 or more, found {}", options.batch_size);
  if (options.report.bootstrap < 0) fail_usage("--bootstrap {}: expected 0 or more", options.report.bootstrap);
}

std::string dataset_task(const EvaluateOptions& options) {
  if (!options.task.empty()) return find_task(options.task).name;
  return usual_task(options.data);
}

/// The model and the data to measure it on; each may need the other: a PEFT folder has neither labels nor a task.
struct Subject {
  AdaptedModel model;
  Dataset data;
};

/// The data with its targets as the model was trained on them.
Dataset prepared_data(const EvaluateOptions& options, const std::string& task, const TargetOptions& target) {
  Dataset data = read_dataset(options.data, task);
  find_task(task).prepare(data, target);
  return data;
}

Subject load_subject(const EvaluateOptions& options) {
  const AdapterFlags& adapter = options.adapter;
  std::vector<std::string> labels = read_labels(adapter.labels);
  if (!is_peft_folder(adapter.adapter)) {
    AdaptedModel model = AdaptedModel::load(adapter.adapter, adapter.model, labels);
    const std::string task = options.task.empty() ? model.spec().task : dataset_task(options);
    Dataset data = prepared_data(options, task, model.spec().target);
    return {std::move(model), std::move(data)};
  }
  const std::string task = dataset_task(options);
  const TargetOptions target;
  Dataset data = prepared_data(options, task, target);
  if (labels.empty()) labels = find_task(task).labels(data, target);
  return {AdaptedModel::load(adapter.adapter, adapter.model, labels), std::move(data)};
}

void print_text(const EvaluateOptions& options, const Evaluation& evaluation, const nlohmann::ordered_json& json) {
  fmt::print("{} · {} · {} clips\n", options.data.dataset, options.split, evaluation.predictions.size());
  fmt::print("{}\n{}\n{}", format_metrics(evaluation.metrics), format_intervals(json), format_details(json));
}

}  // namespace

int run_evaluate(const Arguments& arguments) {
  FlagSet flags("sure evaluate",
                "Measures an adapted model on a data set: metrics, with the confusion matrix or transcripts. Takes "
                "adapters that sure\n"
                "trained and LoRA adapters that Python's PEFT trained.",
                "sure evaluate --adapter output/best_model --dataset fsdd --data_dir DIR --split test --json");
  EvaluateOptions options;
  add_adapter_flags(flags, options.adapter);
  flags.add_all("Data", options.data);
  flags.add("task", options.task, describe_tasks() + "; empty = the adapter's");
  flags.add("split", options.split, "train, valid or test");
  flags.add_all("Transcripts", options.decode);
  flags.group("Output");
  flags.add("bootstrap", options.report.bootstrap, "95 % confidence intervals from that many resamples of the clips");
  flags.add("per_device_eval_batch_size", options.batch_size, "clips in a batch");
  flags.add("json", options.json, "print JSON");
  if (!flags.parse(arguments)) return 0;
  check(options);

  const Subject subject = load_subject(options);
  Progress progress(stderr);
  for (const std::string& note : subject.data.notes) progress.on_message("note: " + note);
  const std::vector<Example>& examples = subject.data.*find_row(kSplits, options.split, "--split").examples;
  if (examples.empty()) fail("--split {}: the data set has no such clips", options.split);
  const Evaluation evaluation = evaluate(subject.model, examples, options.batch_size, options.decode, progress);
  nlohmann::ordered_json json = {{"dataset", options.data.dataset}, {"split", options.split}};
  json.update(evaluation_to_json(evaluation, subject.model.objective(), options.report));
  if (!options.json) {
    print_text(options, evaluation, json);
    return 0;
  }
  fmt::print("{}\n", json.dump(2));
  return 0;
}

}  // namespace sure
