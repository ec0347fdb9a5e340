// sure evaluate: an adapted model's metrics on whatever is labelled, with scores by class or transcripts, clip by clip.
#include <fmt/format.h>

#include "cli/adapter_flags.h"
#include "cli/command.h"
#include "cli/evaluation_report.h"
#include "cli/print.h"
#include "cli/world_run.h"
#include "core/destination.h"
#include "core/error.h"
#include "tasks/predictions_file.h"
#include "text/counted.h"
#include "train/evaluation_json.h"
#include "train/measure.h"
#include "train/recorded_run.h"

namespace sure {

namespace {

constexpr double kMostResamples = 1e6;  // an interval's ends are settled long before

struct EvaluateOptions {
  std::string run;
  DataOptions data_of_run;  // as it recorded them
  AdapterFlags adapter;
  MeasureOptions measure;
  IntervalOptions intervals;
  bool full_confusion = false;
  std::string predictions;
  bool json = false;
};

/// The adapter, the data and how a run measured it; flags that follow override.
void take_from_run(const std::string& folder, EvaluateOptions& options) {
  const RunConfig run = read_recorded_run(folder);
  options.run = folder;
  options.adapter.adapter = best_model_of(folder).string();
  options.adapter.model = recorded_model_options(options.adapter.adapter);
  options.measure.data = run.data;
  options.data_of_run = run.data;
  options.adapter.task = run.task;
  options.measure.batch_size = run.train.per_device_eval_batch_size;
  options.measure.decode = run.decode;
  options.measure.skip_bad = run.train.skip_bad;
}

/// Whether the data is what the run had, where it was or moved.
bool is_data_of_run(const EvaluateOptions& options) {
  const DataOptions& run = options.data_of_run;
  std::error_code error;
  return options.measure.data.dataset == run.dataset &&
         (options.measure.data.data_dir == run.data_dir || !std::filesystem::exists(run.data_dir, error));
}

/// Other data than the run's has other speakers, and its splits are no folds.
void forget_splits_of_run(const FlagSet& flags, DataOptions& data) {
  if (!flags.given("valid_speakers")) data.valid_speakers.clear();
  if (!flags.given("test_speakers")) data.test_speakers.clear();
  if (!flags.given("folds")) data.folds.clear();
}

void check(const EvaluateOptions& options) {
  require_adapter(options.adapter);
  require_flag("dataset", options.measure.data.dataset);
  require_flag("data_dir", options.measure.data.data_dir);
  if (!options.predictions.empty()) {
    check_predictions_file(options.predictions);
    refuse_as_output("--predictions", options.predictions, options.measure.data.data_dir);
  }
  std::error_code error;
  if (options.measure.data.data_dir == options.data_of_run.data_dir &&
      !std::filesystem::exists(options.measure.data.data_dir, error)) {
    fail("{}: no such file or folder, where --run {} found its data: give --data_dir", options.measure.data.data_dir,
         options.run);
  }
}

nlohmann::ordered_json to_json(const EvaluateOptions& options, const AdaptedModel& model, const Measured& measured) {
  nlohmann::ordered_json json = {{"dataset", options.measure.data.dataset},
                                 {"split", measured.split},
                                 {"task", model.task().name},
                                 {"notes", measured.notes}};
  json.update(evaluation_to_json(measured.evaluation, model.objective(), options.intervals));
  if (!measured.bad.empty()) json["skipped_bad"] = bad_to_json(measured.bad);
  return json;
}

void print_report(const EvaluateOptions& options, const nlohmann::ordered_json& json) {
  if (options.json) {
    print_json(json);
    return;
  }
  fmt::print("{} · {} · {}\n", options.measure.data.dataset, json.at("split").get<std::string>(),
             counted(json.at("clips").get<int64_t>(), "clip"));
  fmt::print("{}\n{}", format_metrics("", json), format_details(json, options.full_confusion));
  if (!options.predictions.empty()) fmt::print("clip by clip: {}\n", options.predictions);
}

void add_flags(FlagSet& flags, EvaluateOptions& options) {
  flags.add_text("run", "the --output_dir of a training run: its best model, on the data and splits that it recorded",
                 "DIR", [&options](const std::string& folder) { take_from_run(folder, options); });
  add_adapter_flags(flags, options.adapter);
  flags.add_all("Data", options.measure.data);
  flags.add(
      "split", options.measure.split,
      "train, valid, test, a part by its corpus' own name (test-other), or all; without the flag test, or valid where "
      "nothing else is there; of data without splits, all");
  flags.add_all("Transcripts", options.measure.decode);
  flags.group("Output");
  flags.add("predictions", options.predictions, "write every clip's answer into this file, FILE.csv or FILE.jsonl");
  flags.add("bootstrap", options.intervals.bootstrap,
            Declaration("95 % confidence intervals from that many resamples of the clips").range(0, kMostResamples));
  flags.add("full_confusion", options.full_confusion,
            "print all of a confusion matrix, also where it is wider than a screen");
  flags.add("per_device_eval_batch_size", options.measure.batch_size,
            Declaration("clips in a batch").range(1, kMostCounted));
  flags.add("skip_bad", options.measure.skip_bad, "go on without clips that are unreadable, damaged or too short");
  flags.add("json", options.json, "print JSON");
}

void run(EvaluateOptions& options, World& world) {
  AdaptedModel model = load_model(options.adapter);
  options.measure.task = options.adapter.task;
  const std::unique_ptr<TrainObserver> observer = world_observer(world, stderr);
  const Measured measured = measure(model, options.measure, *observer, world);
  world.barrier();  // rank 0 may keep the store
  if (!world.leads()) return;
  if (!options.predictions.empty()) {
    write_predictions(options.predictions, model.objective(), measured.clips, measured.evaluation.predictions);
  }
  print_report(options, to_json(options, model, measured));
}

}  // namespace

int run_evaluate(const Arguments& arguments) {
  FlagSet flags(
      "sure evaluate",
      "Measures an adapted model on labelled clips: metrics, scores by class and a confusion matrix, or "
      "transcripts. Takes\n"
      "adapters that sure trained, LoRA and (IA)³ adapters that Python's PEFT trained, and models that transformers "
      "fine-tuned (--model alone).",
      "sure evaluate --run output --predictions test.csv");
  EvaluateOptions options;
  add_flags(flags, options);
  if (!flags.parse(arguments)) return 0;
  options.measure.draws_splits = is_data_of_run(options);
  if (!options.measure.draws_splits) forget_splits_of_run(flags, options.measure.data);
  check(options);

  const std::unique_ptr<World> world = join_world(world_address());
  run_in_world(*world, "interrupted", [&] { run(options, *world); });
  return 0;
}

}  // namespace sure
