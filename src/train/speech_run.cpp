#include "train/speech_run.h"

#include "backbone/model_folder.h"
#include "core/error.h"
#include "core/options.h"
#include "model/adapter_folder.h"
#include "model/device.h"
#include "model/parameter_report.h"
#include "model/starting_point.h"
#include "tasks/task_data.h"
#include "text/counted.h"
#include "text/printable.h"
#include "train/cache_of_run.h"
#include "train/output_folder.h"
#include "train/recorded_run.h"
#include "train/run_log.h"
#include "train/run_results.h"
#include "train/speech_trainer.h"

namespace sure {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

void check_request(const SpeechRunConfig& config) {
  if (config.train.speed_perturbation > 0) fail_usage("--speed_perturbation: not for task {}", config.task);
  check_voice_options(config.model, config.tuning);
}

Json recorded_options(SpeechRunConfig config) {
  config.train.resume.clear();
  return options_to_json(config);
}

AdaptedVoice new_voice(const SpeechRunConfig& config) {
  const auto seed = static_cast<uint64_t>(config.train.seed);
  if (config.train.init_from.empty()) return AdaptedVoice::create(config.model, config.tuning, seed);
  return AdaptedVoice::create(config.model, config.tuning, seed,
                              read_starting_point(config.train.init_from, config.model.model));
}

AdaptedVoice voice_of(const SpeechRunConfig& config) {
  if (config.train.do_train) return new_voice(config);
  const bool chosen = config.model.model != ModelOptions().model;
  return AdaptedVoice::load(best_model_of(config.train.output_dir), chosen ? config.model.model : "",
                            config.model.device);
}

void announce(const SpeechRunConfig& config, const Dataset& data, const AdaptedVoice& voice,
              const SpeakerVoices& voices, TrainObserver& observer) {
  for (const std::string& note : data.notes) observer.on_message("note: " + printable(note));
  observer.on_message(fmt::format("{}: {}, {}", config.data.dataset, describe_splits(data),
                                  counted(std::ssize(voices.by_name), "voice")));
  if (voice.is_fresh()) {
    observer.on_message(fmt::format("{} has no weights: it is trained from scratch", config.model.model));
  }
  if (!config.train.init_from.empty() && config.train.do_train) {
    observer.on_message(fmt::format("starts from {}", config.train.init_from));
  }
  observer.on_message(fmt::format("{} on {}: {}", config.tuning.method, config.model.model,
                                  describe_trained(report_parameters(voice))));
}

Json run_to_json(const SpeechRunConfig& config, const Dataset& data, const AdaptedVoice& voice,
                 const std::optional<TrainResult>& trained) {
  Json json = {
      {"task", config.task},         {"dataset", config.data.dataset}, {"notes", data.notes},
      {"model", config.model.model}, {"method", config.tuning.method}, {"metric", config.train.metric_for_best_model},
      {"seed", config.train.seed}};
  for (const auto& [name, value] : voice.voices()) json["voices"].push_back(name);
  json.update(parameters_to_json(report_parameters(voice)));
  if (trained) json.update(trained_to_json(*trained));
  return json;
}

/// The data of a run, ready to learn from.
struct Learning {
  Dataset data;
  SpeechClips clips;
  SpeakerVoices voices;
};

void evaluate_splits(const SpeechRunConfig& config, const Learning& learning, const AdaptedVoice& voice,
                     RunObserver& observer, Json& results) {
  const bool tests = config.train.do_predict && !learning.data.test.empty();
  const auto measure = [&](const char* name, const std::vector<Example>& examples, bool is_result) {
    if (examples.empty()) return;
    const Metrics metrics = speech_loss(voice, examples, learning.clips, learning.voices, config.train, observer);
    results[name] = {{"clips", examples.size()}, {"metrics", metrics}};
    write_results(config, results);
    observer.on_result(name, results[name], is_result);
    if (&examples == &learning.data.test)
      log_test(config, results.value("best_step", int64_t{0}), metrics, Json::object());
  };
  if (config.train.do_eval) measure("valid", learning.data.valid, !tests);
  if (tests) measure("test", learning.data.test, true);
}

}  // namespace

RunOutcome run_speech_training(const SpeechRunConfig& config, bool overwrite, RunObserver& observer) {
  const fs::path folder = config.train.output_dir;
  const bool fresh = starts_anew(config.train);
  check_request(config);
  OutputFolder output(folder, training_layout(), fate_of_earlier(fresh, overwrite), options_to_json(config));
  Dataset data = read_dataset(config.data, config.task);
  find_task(config.task).prepare(data, config.target);
  AdaptedVoice voice = voice_of(config);
  check_speaker_flags(config.speech, voice.model()->speaker_width());
  const SpeechClips clips(*voice.model(), voice.fingerprint(), config.speech, open_cache(config.train, 1));
  const std::vector<BadClip> bad = leave_out_bad_speech(data, config, clips, observer);
  SpeakerVoices voices = find_voices(config, data, voice.model()->speaker_width(), observer);
  voice.set_voices(voices.by_name);
  const Learning learning = {std::move(data), clips, std::move(voices)};
  announce(config, learning.data, voice, learning.voices, observer);
  note_unknown_symbols(learning.data, clips, observer);
  for (const std::string& note : output.make()) observer.on_message(note);
  if (fresh) save_config(config, recorded_options(config));
  observer.on_folder(config);

  RunOutcome outcome;
  if (config.train.do_train) {
    outcome.trained = train_speech(voice, learning.data, clips, learning.voices, config, observer);
    save_config(config, recorded_options(config));
  }
  Json& results = outcome.results;
  if (!outcome.trained) results = earlier_results(folder);
  results.update(run_to_json(config, learning.data, voice, outcome.trained));
  if (!bad.empty()) results["skipped_bad"] = bad_to_json(bad);
  write_results(config, results);  // whatever becomes of a clip that is measured
  evaluate_splits(config, learning, voice, observer, results);
  results["peak_memory_bytes"] = peak_memory_bytes(voice.device());
  write_results(config, results);
  return outcome;
}

}  // namespace sure
