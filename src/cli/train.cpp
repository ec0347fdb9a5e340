// sure train: data set + backbone + tuning method -> output_dir/{config.json, best_model/, results.json}.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>

#include "backbone/frame_samples.h"
#include "cli/child_process.h"
#include "cli/command.h"
#include "cli/evaluation_report.h"
#include "cli/folds.h"
#include "cli/interrupt.h"
#include "cli/output_folder.h"
#include "cli/parameter_report.h"
#include "cli/progress.h"
#include "cli/run_flags.h"
#include "cli/run_progress.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/options.h"
#include "core/registry.h"
#include "core/world.h"
#include "data/length_notes.h"
#include "model/device.h"
#include "model/starting_point.h"
#include "tasks/predictions_file.h"
#include "tasks/unknown_characters.h"
#include "text/counted.h"
#include "text/printable.h"
#include "train/agreement.h"
#include "train/bad_clips.h"
#include "train/checkpoint.h"
#include "train/clip_lengths.h"
#include "train/run_log.h"

namespace sure {

namespace {

namespace fs = std::filesystem;

constexpr double kMebibyte = 1024.0 * 1024.0;

constexpr const char* kPredictions = "test_predictions.jsonl";

/// What Ctrl-C says before the first checkpoint.
std::string nothing_saved(const TrainOptions& options) {
  if (!options.resume.empty() && latest_checkpoint(options.output_dir)) return kResumable;
  if (!options.do_train) return "interrupted: nothing was written";
  return options.save_strategy == "no"
             ? "interrupted: --save_strategy no leaves no checkpoint; --overwrite_output_dir starts again"
             : "interrupted before the first checkpoint: the same command with --resume latest starts from step 0";
}

void save_config(const RunConfig& config) {
  write_file(fs::path(config.train.output_dir) / "config.json", config_to_json(config).dump(2) + "\n");
}

/// A run that is resumed keeps its own results until train() has found that this is the same run.
bool starts_anew(const TrainOptions& options) { return options.do_train && options.resume.empty(); }

void announce(const RunConfig& config, const Dataset& data, const AdaptedModel& model, TrainObserver& progress) {
  for (const std::string& note : data.notes) progress.on_message("note: " + printable(note));
  const bool transcribes = model.task().output == OutputKind::transcript;
  progress.on_message(fmt::format("{}: {} training, {} validation, {}, {}", config.data.dataset,
                                  with_commas(std::ssize(data.train)), with_commas(std::ssize(data.valid)),
                                  counted(std::ssize(data.test), "test clip"),
                                  counted(std::ssize(model.spec().labels), transcribes ? "token" : "class")));
  if (is_random_backbone(config.model.model)) {
    progress.on_message(
        fmt::format("note: the backbone {} has random weights: it is not pre-trained, so results are "
                    "far below those of a real one",
                    config.model.model));
  }
  if (!config.train.init_from.empty() && config.train.do_train) {
    progress.on_message(fmt::format("starts from {}: {}", config.train.init_from,
                                    model.starts_from_given_head() ? "its adapter and its head"
                                                                   : "its adapter; a new head, since its outputs are "
                                                                     "not the ones wanted here"));
  }
  if (model.starts_from_checkpoint_head()) {
    progress.on_message("the head starts as the checkpoint's own CTC head: the tokens are those of its vocab.json");
  }
  const ParameterReport parameters = report_parameters(model);
  progress.on_message(fmt::format("{} on {}: {} of {} parameters train ({:.2f} %)", config.tuning.method,
                                  config.model.model, with_commas(parameters.trained), with_commas(parameters.total),
                                  parameters.share_percent()));
}

/// What of the clips the model hears, and why.
void announce_lengths(const RunConfig& config, const Dataset& data, const AdaptedModel& model,
                      TrainObserver& progress) {
  const CollateOptions collate = model.collate_options();
  const DatasetReader& reader = find_row(dataset_readers(), config.data.dataset, "data set");
  const bool as_in_benchmark = collate.max_samples > 0 && collate.max_samples == model.task().max_samples &&
                               is_benchmark_task(reader, config.task);
  if (as_in_benchmark) {
    progress.on_message(fmt::format(
        "clips are taken as {} samples, as in the benchmark; --max_samples 0 keeps them whole", collate.max_samples));
  }
  std::vector<Example> all = data.train;
  all.insert(all.end(), data.valid.begin(), data.valid.end());
  all.insert(all.end(), data.test.begin(), data.test.end());
  std::vector<int64_t> samples = survey_clips(all, config.data.data_dir, /*shortest=*/1, progress).samples;
  std::erase(samples, 0);  // bad clips of splits that this run does not use
  for (const std::string& note : length_notes(samples, collate)) progress.on_message(note);
}

/// That of an earlier run. Clips have the length that it was trained on, unless a flag says otherwise.
AdaptedModel best_model(const RunConfig& config, const ModelOptions& given) {
  const fs::path folder = fs::path(config.train.output_dir) / "best_model";
  const ModelOptions recorded = recorded_model_options(folder);
  ModelOptions options = config.model;
  if (given.max_samples < 0) options.max_samples = recorded.max_samples;
  if (given.padding.empty()) options.padding = recorded.padding;
  return AdaptedModel::load(folder, options);
}

AdaptedModel new_model(const RunConfig& config, const Labels& labels) {
  const auto seed = static_cast<uint64_t>(config.train.seed);
  if (config.train.init_from.empty()) return AdaptedModel::create(model_spec(config, labels), seed);
  const SavedAdapter start = read_starting_point(config.train.init_from, config.model.model);
  const Labels chosen = config.target.vocab.empty() ? labels_to_go_on_with(start, config.task, labels) : labels;
  return AdaptedModel::create(model_spec(config, chosen), seed, start);
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
                 {"best_by", trained->best_by},
                 {"stopped_early", trained->stopped_early},
                 {"seconds_per_step", trained->seconds_per_step},
                 {"seconds", trained->seconds},
                 {"epochs", epochs_to_json(trained->epochs)},
                 {"skipped_clips", trained->skipped_clips},
                 {"curves", history_to_json(trained->history)}});
  }
  return json;
}

/// Of the run that is evaluated again: how it was trained is still true.
nlohmann::ordered_json earlier_results(const fs::path& folder) {
  const fs::path file = folder / "results.json";
  if (!fs::exists(file)) return nlohmann::ordered_json::object();
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(read_file(file), nullptr, /*allow_exceptions=*/false);
  return json.is_object() ? json : nlohmann::ordered_json::object();
}

struct Split {
  const char* name;
  bool wanted;
  const std::vector<Example>* examples;
  bool is_last;  // the result, shown in full
};

/// Evaluates the splits that the flags ask for, prints them and adds them to the results.
void evaluate_splits(const RunConfig& config, const Dataset& data, const AdaptedModel& model, TrainObserver& progress,
                     nlohmann::ordered_json& results, const std::function<void()>& save, World& world) {
  const bool tests = config.train.do_predict && !data.test.empty();
  const Split splits[] = {{"valid", config.train.do_eval, &data.valid, !tests}, {"test", tests, &data.test, true}};
  for (const Split& split : splits) {
    if (!split.wanted || split.examples->empty()) continue;
    const Evaluation evaluation =
        evaluate(model, *split.examples, config.train.per_device_eval_batch_size, config.decode, progress, world);
    if (!world.leads()) continue;
    nlohmann::ordered_json& json = results[split.name];
    json = evaluation_to_json(evaluation, model.objective());
    save();
    progress.on_message(format_metrics(fmt::format("{}: ", split.name), json) +
                        (split.is_last ? "\n" + format_details(json) : ""));
    if (split.examples != &data.test) continue;
    log_test(config, results.value("best_step", int64_t{0}), evaluation.metrics, json);
    if (model.task().output == OutputKind::embedding) continue;  // every pair of clips would be a line
    write_predictions(fs::path(config.train.output_dir) / kPredictions, model.objective(), data.test,
                      evaluation.predictions);
  }
}

void print_summary(const RunConfig& config, const AdaptedModel& model, const std::optional<TrainResult>& trained,
                   TrainObserver& progress) {
  if (trained) {
    progress.on_message(fmt::format("{} in {} ({:.2f} s a step, {:.0f} MiB peak memory){}",
                                    counted(trained->steps, "step"), format_duration(trained->seconds),
                                    trained->seconds_per_step,
                                    static_cast<double>(peak_memory_bytes(model.device())) / kMebibyte,
                                    trained->stopped_early ? ", stopped early" : ""));
    if (!trained->best_by.empty()) {
      progress.on_message(fmt::format("best model: step {}, {} {:.4f}, chosen by {}", trained->best_step,
                                      config.train.metric_for_best_model, trained->best_metric, trained->best_by));
    }
  }
  const fs::path folder = config.train.output_dir;
  progress.on_message(
      fmt::format("adapter: {}\nresults: {}", (folder / "best_model").string(), (folder / "results.json").string()));
}

/// Of rank 0 one that shows the run; the others are silent.
std::unique_ptr<TrainObserver> make_observer(const World& world) {
  if (world.leads()) return std::make_unique<RunProgress>(stdout);
  return std::make_unique<TrainObserver>();
}

nlohmann::ordered_json identity_of_data(const Dataset& data, const AdaptedModel& model) {
  nlohmann::ordered_json identity = data_digests(data);
  identity["the backbone"] = model.fingerprint();
  return identity;
}

void run(const RunFlags& flags, const RunConfig& config, World& world) {
  const fs::path folder = config.train.output_dir;
  const bool fresh = starts_anew(config.train);
  if (world.size() > 1) require_agreement(world, shared_options(config));
  std::optional<OutputFolder> output;  // of rank 0
  if (world.leads()) {
    output.emplace(folder, training_layout(), fate_of_earlier(fresh, flags.overwrite_output_dir),
                   options_to_json(config));
  }
  const std::unique_ptr<TrainObserver> observer = make_observer(world);
  TrainObserver& progress = *observer;
  const Task& task = find_task(config.task);
  const BackboneConfig backbone = load_backbone_config(config.model.model);
  check_clip_length(config.model, backbone);
  Dataset data = read_dataset(config.data, config.task);
  const int64_t shortest = samples_of_frames(backbone, 1);
  const std::vector<BadClip> bad = leave_out_bad_clips(data, config, shortest, progress);
  task.prepare(data, config.target);
  AdaptedModel model = config.train.do_train ? new_model(config, task.labels(data, config.target))
                                             : best_model(config, flags.config.model);
  model.objective().make_reader(config.decode);  // finds what is wrong with it before training
  if (task.output == OutputKind::transcript) note_unknown_characters(data, vocabulary_of(model.spec()));
  if (world.size() > 1) require_agreement(world, identity_of_data(data, model));
  announce(config, data, model, progress);
  announce_lengths(config, data, model, progress);
  if (output) {
    for (const std::string& note : output->make()) progress.on_message(note);
    if (fresh) save_config(config);
    explain_interrupt(nothing_saved(config.train));
  }

  std::optional<TrainResult> trained;
  if (config.train.do_train) {
    trained = train(model, data, config, progress, world);
    if (world.leads()) save_config(config);
  }
  nlohmann::ordered_json results = trained ? nlohmann::ordered_json::object() : earlier_results(folder);
  results.update(run_to_json(config, data, model, trained));
  if (!bad.empty()) results["skipped_bad"] = bad_to_json(bad);
  const auto save_results = [&] {
    if (world.leads()) write_file(folder / "results.json", results.dump(2) + "\n");
  };
  save_results();  // whatever becomes of a clip that is measured
  evaluate_splits(config, data, model, progress, results, save_results, world);
  results["peak_memory_bytes"] = peak_memory_bytes(model.device());
  save_results();
  print_summary(config, model, trained, progress);
  world.barrier();  // rank 0 may keep the store
}

/// A run of several processes ends as a whole: who fails tells the others that it has said why.
int run_in_world(const RunFlags& flags, const RunConfig& config, World& world) {
  try {
    run(flags, config, world);
    return 0;
  } catch (const OtherRankFailed&) {
    return 1;
  } catch (const std::exception&) {
    world.announce_failure();
    throw;
  }
}

}  // namespace

int run_train(const Arguments& arguments) {
  FlagSet flags("sure train",
                "Adapts a pre-trained speech model to a data set by one tuning method, and measures the result.\n"
                "Only --dataset and --data_dir are needed; without --model, the small backbone that ships is adapted.",
                "sure train --dataset fsdd --data_dir DIR --model DIR --method conv_adapter --output_dir output");
  RunFlags flags_of_run;
  add_run_flags(flags, flags_of_run);
  flags.common(common_run_flags());
  if (!flags.parse(arguments)) return 0;
  end_with_parent();
  const WorldAddress address = world_address();
  const RunConfig config = resolve_run(flags_of_run, flags);
  if (!config.data.folds.empty() && config.data.fold == 0) {
    if (address.size > 1) fail_usage("--folds starts a process for each fold; give --fold N with WORLD_SIZE above 1");
    train_folds(config, flags_of_run.overwrite_output_dir);
    return 0;
  }
  return run_in_world(flags_of_run, config, *join_world(address));
}

}  // namespace sure
