// sure evaluate: an adapted model's metrics and confusion matrix on one split of a data set.
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
}

std::string dataset_task(const EvaluateOptions& options) {
  if (!options.task.empty()) return find_task(options.task).name;
  return find_row(dataset_readers(), options.data.dataset, "data set").tasks.front();
}

/// The model and the data to measure it on; each may need the other: a PEFT folder has neither labels nor a task.
struct Subject {
  AdaptedModel model;
  Dataset data;
};

Subject load_subject(const EvaluateOptions& options) {
  const AdapterFlags& adapter = options.adapter;
  std::vector<std::string> labels = read_labels(adapter.labels);
  if (!is_peft_folder(adapter.adapter)) {
    AdaptedModel model = AdaptedModel::load(adapter.adapter, adapter.model, labels);
    Dataset data = read_dataset(options.data, options.task.empty() ? model.spec().task : dataset_task(options));
    return {std::move(model), std::move(data)};
  }
  Dataset data = read_dataset(options.data, dataset_task(options));
  if (labels.empty()) labels = data.labels;
  return {AdaptedModel::load(adapter.adapter, adapter.model, labels), std::move(data)};
}

void print_text(const EvaluateOptions& options, const Evaluation& evaluation, const std::vector<std::string>& labels) {
  fmt::print("{} · {} · {} clips\n", options.data.dataset, options.split, evaluation.predictions.labels.size(0));
  fmt::print("{}\n\n{}", format_metrics(evaluation.metrics), format_confusion(evaluation, labels));
}

}  // namespace

int run_evaluate(const Arguments& arguments) {
  FlagSet flags("sure evaluate",
                "Measures an adapted model on a data set: metrics and the confusion matrix. Takes adapters that sure\n"
                "trained and LoRA adapters that Python's PEFT trained.",
                "sure evaluate --adapter output/best_model --dataset fsdd --data_dir DIR --split test --json");
  EvaluateOptions options;
  add_adapter_flags(flags, options.adapter);
  flags.add_all("Data", options.data);
  flags.add("task", options.task, "emotion, speaker, keyword or classify; empty = the adapter's");
  flags.add("split", options.split, "train, valid or test");
  flags.group("Output");
  flags.add("per_device_eval_batch_size", options.batch_size, "clips in a batch");
  flags.add("json", options.json, "print JSON");
  if (!flags.parse(arguments)) return 0;
  check(options);

  const Subject subject = load_subject(options);
  Progress progress(stderr);
  for (const std::string& note : subject.data.notes) progress.on_message("note: " + note);
  const std::vector<Example>& examples = subject.data.*find_row(kSplits, options.split, "--split").examples;
  if (examples.empty()) fail("--split {}: the data set has no such clips", options.split);
  const Evaluation evaluation = evaluate(subject.model, examples, options.batch_size, progress);
  const std::vector<std::string>& labels = subject.model.spec().labels;
  if (!options.json) {
    print_text(options, evaluation, labels);
    return 0;
  }
  nlohmann::ordered_json json = {{"dataset", options.data.dataset}, {"split", options.split}};
  json.update(evaluation_to_json(evaluation, labels));
  fmt::print("{}\n", json.dump(2));
  return 0;
}

}  // namespace sure
