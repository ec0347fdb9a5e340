// sure predict: recordings -> labels with probabilities, or transcripts with times.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "cli/adapter_flags.h"
#include "cli/audio_paths.h"
#include "cli/command.h"
#include "cli/prediction_format.h"
#include "cli/prediction_output.h"
#include "cli/progress.h"
#include "core/error.h"
#include "core/registry.h"
#include "data/length_notes.h"
#include "predict/predictor.h"
#include "text/printable.h"
#include "text/utf8.h"

namespace sure {

namespace {

struct PredictFlags {
  AdapterFlags adapter;
  RecordingOptions recordings;
  DecodeOptions decode;
  std::string format = "text";
  bool logits = false;
  bool token_times = false;
  std::string output;
  std::vector<std::string> paths;
};

/// What became of the recordings so far.
struct Tally {
  size_t done = 0;
  size_t failed = 0;
  size_t cut = 0;
};

/// A batch of what is at hand: never waits for a second one.
std::vector<AudioInput> next_inputs(AudioPaths& paths, int64_t most) {
  std::vector<AudioInput> inputs;
  for (AudioInput input; std::ssize(inputs) < most && (inputs.empty() || paths.ready()) && paths.next(input);) {
    inputs.push_back(std::move(input));
  }
  return inputs;
}

std::vector<RecordingResult> predict_inputs(const Predictor& predictor, const std::vector<AudioInput>& inputs,
                                            Progress& progress) {
  std::vector<Recording> sound;
  for (const AudioInput& input : inputs) {
    if (input.error.empty()) sound.push_back(input.recording);
  }
  const auto tell = [&](const Recording& recording, double done, double total) {
    progress.on_recording(recording.name, done, total);
  };
  std::vector<RecordingResult> heard = predictor.predict(sound, tell), results;
  for (size_t i = 0, next = 0; i < inputs.size(); ++i) {
    results.push_back(inputs[i].error.empty() ? std::move(heard.at(next++)) : RecordingResult());
    if (!inputs[i].error.empty()) results.back().error = inputs[i].error;
  }
  return results;
}

Tally predict_all(const Predictor& predictor, AudioPaths& paths, const PredictionStyle& style, int64_t batch_size,
                  PredictionOutput& output) {
  Progress progress(stderr);
  Tally tally;
  for (;;) {
    const std::vector<AudioInput> inputs = next_inputs(paths, batch_size);
    if (inputs.empty()) break;
    for (const AudioInput& input : inputs) output.refuse_to_replace(input.recording.path);
    const std::vector<RecordingResult> results = predict_inputs(predictor, inputs, progress);
    if (!output.is_file()) progress.clear_bar();
    for (size_t i = 0; i < inputs.size(); ++i) {
      ++tally.done;
      tally.cut += results[i].cut ? 1 : 0;
      if (results[i].error.empty()) {
        output.write(style, inputs[i].recording.name, results[i]);
      } else {
        ++tally.failed;
        progress.on_message("sure: " + printable(results[i].error));
      }
    }
    const std::optional<size_t> total = paths.total();
    if (!output.is_file() || !total) continue;
    progress.on_preparation("predicting", static_cast<int64_t>(tally.done), static_cast<int64_t>(*total));
  }
  if (tally.cut > 0) {
    progress.on_message(cut_note(predictor.max_samples(), static_cast<int64_t>(tally.cut),
                                 static_cast<int64_t>(tally.done - tally.failed)) +
                        "; --max_samples 0 --padding longest hears them whole, --window each part");
  }
  return tally;
}

void check_task(const Task& task, const std::string& wanted, bool logits) {
  if (!wanted.empty() && find_task(wanted).output != task.output) {
    fail_usage("--task {}: this adapter is for the task {}; leave the flag out", wanted, task.name);
  }
  if (task.output == OutputKind::embedding) {
    fail_usage("this adapter makes voice embeddings (task {}): use sure verify", task.name);
  }
  if (logits && task.output != OutputKind::labels) {
    fail_usage("--logits: an adapter of the task {} has no labels to give logits for", task.name);
  }
}

void add_flags(FlagSet& flags, PredictFlags& options) {
  add_adapter_flags(flags, options.adapter);
  flags.add_all("Recordings", options.recordings);
  flags.add_all("Transcripts", options.decode);
  flags.group("Output");
  flags.add("format", options.format,
            Declaration("how results are written; srt, vtt and textgrid: a file for each recording; without the flag "
                        "as --output ends")
                .one_of(names_of(prediction_formats())));
  flags.add("logits", options.logits, "write the logits too");
  flags.add("token_times", options.token_times,
            "with jsonl and textgrid: write each token of a transcript with its time");
  flags.add("output", options.output,
            "write to this file, or with srt, vtt and textgrid into this folder; empty = standard output");
  flags.add_positional("PATH", options.paths,
                       "audio files and folders; - or none: on standard input a list of them (a line each, or NULs "
                       "between), or audio itself (WAV, FLAC …)");
}

/// The format that was asked for, or that --output's ending names.
const PredictionFormat& choose_format(const FlagSet& flags, const PredictFlags& options) {
  const std::vector<PredictionFormat>& formats = prediction_formats();
  const std::string ending = lower_case(std::filesystem::path(options.output).extension().string());
  const auto named = std::find_if(formats.begin(), formats.end(),
                                  [&](const PredictionFormat& format) { return "." + format.name == ending; });
  if (!flags.given("format") && named != formats.end()) return *named;
  return find_row(formats, options.format, "--format");
}

}  // namespace

int run_predict(const Arguments& arguments) {
  FlagSet flags(
      "sure predict",
      "Labels or transcribes audio files with an adapted model. A file that cannot be read is reported on "
      "standard error;\n"
      "the others are done, and the exit code is 1. A list on standard input is answered line by line.\n"
      "Recordings longer than --chunk are heard in overlapping parts: what is said at a part's edge is taken from its\n"
      "neighbour, and normalising goes by the whole recording; only what attention would hear from farther away "
      "is missing.",
      "sure predict --adapter output/best_model --format jsonl recordings/ clip.flac");
  PredictFlags options;
  add_flags(flags, options);
  if (!flags.parse(arguments)) return 0;
  require_adapter(options.adapter);
  const PredictionFormat& format = choose_format(flags, options);
  const std::string nothing = "no audio files: name files or folders, or give a list on standard input";
  if (options.paths.empty() && ::isatty(STDIN_FILENO) != 0) fail_usage("{}", nothing);

  AudioPaths paths(options.paths, STDIN_FILENO);
  PredictionOutput output(format, options.output, format.suffix.empty() || paths.is_one_file());
  const AdaptedModel model = load_model(options.adapter);
  check_task(model.task(), options.adapter.task, options.logits);
  const Predictor predictor(model, options.decode, options.recordings);
  const PredictionStyle style = {model.task(), model.spec().labels, options.logits, options.token_times,
                                 predictor.has_windows()};
  Tally tally;
  output.run(style, [&] {
    tally = predict_all(predictor, paths, style, options.recordings.batch_size, output);
    if (tally.done == 0) fail_usage("{}", nothing);
  });
  return tally.failed == 0 ? 0 : 1;
}

}  // namespace sure
