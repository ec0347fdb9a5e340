#include "train/run.h"

#include <algorithm>
#include <filesystem>

#include "backbone/frame_samples.h"
#include "backbone/unused_tensors.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/options.h"
#include "core/own_json.h"
#include "core/registry.h"
#include "data/length_notes.h"
#include "model/device.h"
#include "model/parameter_report.h"
#include "model/starting_point.h"
#include "tasks/predictions_file.h"
#include "tasks/task_data.h"
#include "tasks/unknown_targets.h"
#include "text/counted.h"
#include "text/printable.h"
#include "train/agreement.h"
#include "train/bad_clips.h"
#include "train/clip_lengths.h"
#include "train/evaluation_json.h"
#include "train/output_folder.h"
#include "train/recorded_run.h"
#include "train/run_log.h"
#include "train/run_results.h"

namespace sure {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kPredictions = "test_predictions.jsonl";
constexpr int64_t kMostPairs = 100'000;  // lines of it where voices are compared

void announce(const RunConfig& config, const Dataset& data, const AdaptedModel& model, TrainObserver& observer) {
  for (const std::string& note : data.notes) observer.on_message("note: " + printable(note));
  const bool transcribes = model.task().output == OutputKind::transcript;
  observer.on_message(fmt::format("{}: {}, {}", config.data.dataset, describe_splits(data),
                                  counted(std::ssize(model.spec().labels), transcribes ? "token" : "class")));
  if (is_random_backbone(config.model.model)) {
    observer.on_message(
        fmt::format("note: the backbone {} has random weights: it is not pre-trained, so results are "
                    "far below those of a real one",
                    config.model.model));
  }
  if (const std::string note = describe_unused(model.base(), config.model.model); !note.empty()) {
    observer.on_message("note: " + printable(note));
  }
  if (!config.train.init_from.empty() && config.train.do_train) {
    observer.on_message(fmt::format("starts from {}: {}", config.train.init_from,
                                    model.starts_from_given_head() ? "its adapter and its head"
                                                                   : "its adapter; a new head, since its outputs are "
                                                                     "not the ones wanted here"));
  }
  if (model.starts_from_checkpoint_head()) {
    observer.on_message("the head starts as the checkpoint's own CTC head: the tokens are those of its vocab.json");
  }
  observer.on_message(fmt::format("{} on {}: {}", config.tuning.method, config.model.model,
                                  describe_trained(report_parameters(model))));
}

/// What of the clips the model hears, and why.
void announce_lengths(const RunConfig& config, const Dataset& data, const AdaptedModel& model,
                      TrainObserver& observer) {
  const CollateOptions collate = model.collate_options();
  const DatasetReader& reader = find_row(dataset_readers(), config.data.dataset, "data set");
  const bool as_in_benchmark = collate.max_samples > 0 && collate.max_samples == model.task().max_samples &&
                               is_benchmark_task(reader, config.task);
  if (as_in_benchmark) {
    observer.on_message(fmt::format(
        "clips are taken as {} samples, as in the benchmark; --max_samples 0 keeps them whole", collate.max_samples));
  }
  std::vector<Example> all = data.train;
  all.insert(all.end(), data.valid.begin(), data.valid.end());
  all.insert(all.end(), data.test.begin(), data.test.end());
  std::vector<int64_t> samples = survey_clips(all, config.data.data_dir, /*shortest=*/1, observer).samples;
  std::erase(samples, 0);  // bad clips of splits that this run does not use
  for (const std::string& note : length_notes(samples, collate)) observer.on_message(note);
}

AdaptedModel new_model(const RunConfig& config, const Labels& labels) {
  const auto seed = static_cast<uint64_t>(config.train.seed);
  if (config.train.init_from.empty()) return AdaptedModel::create(model_spec(config, labels), seed);
  const SavedAdapter start = read_starting_point(config.train.init_from, config.model.model);
  const Labels chosen = config.target.vocab.empty() ? labels_to_go_on_with(start, config.task, labels) : labels;
  return AdaptedModel::create(model_spec(config, chosen), seed, start);
}

Json run_to_json(const RunConfig& config, const Dataset& data, const AdaptedModel& model,
                 const std::optional<TrainResult>& trained) {
  Json json = {{"task", config.task},
               {"dataset", config.data.dataset},
               {"notes", data.notes},
               {"model", config.model.model},
               {"random_backbone", is_random_backbone(config.model.model)},
               {"method", config.tuning.method},
               {"metric", config.train.metric_for_best_model},
               {"seed", config.train.seed},
               {"labels", model.spec().labels}};
  json.update(parameters_to_json(report_parameters(model)));
  if (trained) json.update(trained_to_json(*trained));
  return json;
}

/// Of an evaluation of voices; 0 for others.
int64_t pairs_in(const Json& evaluation) {
  return evaluation.value("target_trials", int64_t{0}) + evaluation.value("non_target_trials", int64_t{0});
}

/// Evaluates the splits that the options ask for and adds them to the results. Rank 0 writes.
void evaluate_splits(const RunConfig& config, const Dataset& data, const AdaptedModel& model, RunObserver& observer,
                     World& world, Json& results) {
  const bool tests = config.train.do_predict && !data.test.empty();
  const auto measure = [&](const char* name, const std::vector<Example>& examples, bool is_result) {
    if (examples.empty()) return;
    const Evaluation evaluation =
        evaluate(model, examples, config.train.per_device_eval_batch_size, config.decode, observer, world);
    if (!world.leads()) return;
    Json& json = results[name];
    json = evaluation_to_json(evaluation, model.objective());
    write_results(config, results);
    observer.on_result(name, json, is_result);
    if (&examples != &data.test) return;
    log_test(config, results.value("best_step", int64_t{0}), evaluation.metrics, json);
    if (const int64_t pairs = pairs_in(json); pairs > kMostPairs) {
      observer.on_message(fmt::format("{} is not written: {} pairs; sure evaluate --run {} --predictions FILE does",
                                      kPredictions, with_commas(pairs), config.train.output_dir));
      return;
    }
    write_predictions(fs::path(config.train.output_dir) / kPredictions, model.objective(), examples,
                      evaluation.predictions);
  };
  if (config.train.do_eval) measure("valid", data.valid, !tests);
  if (tests) measure("test", data.test, true);
}

Json identity_of_data(const Dataset& data, const AdaptedModel& model) {
  Json identity = data_digests(data);
  identity["the backbone"] = model.fingerprint();
  return identity;
}

RunOutcome run(const RunConfig& config, bool overwrite, RunObserver& observer, World& world) {
  const fs::path folder = config.train.output_dir;
  const bool fresh = starts_anew(config.train);
  require_agreement(world, shared_options(config));
  std::optional<OutputFolder> output;  // of rank 0
  if (world.leads()) {
    output.emplace(folder, training_layout(), fate_of_earlier(fresh, overwrite), options_to_json(config));
  }
  const Task& task = find_task(config.task);
  const BackboneConfig backbone = load_backbone_config(config.model.model);
  check_clip_length(config.model, backbone);
  Dataset data = read_dataset(config.data, config.task);
  const int64_t shortest = samples_of_frames(backbone, 1);
  const std::vector<BadClip> bad = leave_out_bad_clips(data, config, shortest, observer);
  task.prepare(data, config.target);
  AdaptedModel model = config.train.do_train ? new_model(config, task.labels(data, config.target))
                                             : AdaptedModel::load(best_model_of(folder), config.model);
  model.objective().make_postprocessor(config.decode);  // finds what is wrong with it before training
  if (task.output == OutputKind::transcript) note_unknown_characters(data, vocabulary_of(model.spec()));
  require_agreement(world, identity_of_data(data, model));
  announce(config, data, model, observer);
  announce_lengths(config, data, model, observer);
  if (output) {
    for (const std::string& note : output->make()) observer.on_message(note);
    if (fresh) save_config(config, config_to_json(config));
    observer.on_folder(config);
  }

  RunOutcome outcome;
  if (config.train.do_train) {
    outcome.trained = train(model, data, config, observer, world);
    if (world.leads()) save_config(config, config_to_json(config));
  }
  Json& results = outcome.results;
  if (!outcome.trained) results = earlier_results(folder);
  results.update(run_to_json(config, data, model, outcome.trained));
  if (!bad.empty()) results["skipped_bad"] = bad_to_json(bad);
  if (world.leads()) write_results(config, results);  // whatever becomes of a clip that is measured
  evaluate_splits(config, data, model, observer, world, results);
  results["peak_memory_bytes"] = peak_memory_bytes(model.device());
  if (world.leads()) write_results(config, results);
  world.barrier();  // rank 0 may keep the store
  return outcome;
}

}  // namespace

RunOutcome run_training(const RunConfig& config, bool overwrite, RunObserver& observer, World& world) {
  try {
    return run(config, overwrite, observer, world);
  } catch (const OtherRankFailed&) {
    throw;
  } catch (const std::exception&) {
    if (!world.claim_failure()) throw OtherRankFailed();
    throw;
  }
}

}  // namespace sure
