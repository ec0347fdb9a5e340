// sure predict: audio files -> labels with probabilities, or transcripts with times; one line each.
#include <fmt/format.h>

#include <iostream>

#include "audio/audio.h"
#include "cli/adapter_flags.h"
#include "cli/audio_paths.h"
#include "cli/command.h"
#include "cli/prediction_format.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/registry.h"

namespace sure {

namespace {

namespace fs = std::filesystem;

struct PredictOptions {
  AdapterFlags adapter;
  DecodeOptions decode;
  std::string format = "text";
  bool logits = false;
  bool token_times = false;
  std::string output;
  std::vector<std::string> paths;
};

/// One clip at a time, so that a clip's result does not depend on its neighbours.
class Predictor {
 public:
  Predictor(const AdaptedModel& model, const DecodeOptions& decode)
      : model_(model), collate_(model.collate_options()), read_(model.objective().make_reader(decode)) {}

  Prediction operator()(const fs::path& path) const {
    const Batch batch = collate({read_audio(path, kSampleRate, collate_.max_samples)}, collate_);
    const HeadOutput output = model_.forward(batch, /*training=*/false);
    if (!output.logits.isfinite().all().item<bool>())
      fail("{}: the model's output for it is not finite", path.string());
    return read_(output).front();
  }

 private:
  const AdaptedModel& model_;
  CollateOptions collate_;
  Reader read_;
};

/// Returns how many files failed; their errors go to standard error.
size_t predict_files(const AdaptedModel& model, const std::vector<fs::path>& paths, const PredictOptions& options,
                     std::ostream& out) {
  const PredictionFormat& format = find_row(prediction_formats(), options.format, "--format");
  const PredictionStyle style = {model.task(), model.spec().labels, options.logits, options.token_times};
  const Predictor predict(model, options.decode);
  size_t failed = 0;
  format.begin(out, style);
  for (const fs::path& path : paths) {
    try {
      format.write(out, style, path.string(), predict(path));
      out.flush();
    } catch (const Error& error) {
      fmt::print(stderr, "sure: {}\n", error.what());
      ++failed;
    }
    if (!out) fail("cannot write the predictions: is the disk full?");
  }
  return failed;
}

void check_task(const Task& task, bool logits) {
  if (task.output == OutputKind::embedding) {
    fail_usage("this adapter makes voice embeddings (task {}): use sure verify", task.name);
  }
  if (logits && task.output != OutputKind::labels) {
    fail_usage("--logits: an adapter of the task {} has no labels to give logits for", task.name);
  }
}

}  // namespace

int run_predict(const Arguments& arguments) {
  FlagSet flags("sure predict",
                "Labels or transcribes audio files with an adapted model. A file that cannot be read is reported on "
                "standard error;\n"
                "the others are done, and the exit code is 1.",
                "sure predict --adapter output/best_model --format jsonl recordings/ clip.flac");
  PredictOptions options;
  add_adapter_flags(flags, options.adapter);
  flags.add_all("Transcripts", options.decode);
  flags.group("Output");
  flags.add("format", options.format, "text, jsonl or csv");
  flags.add("logits", options.logits, "write the logits too");
  flags.add("token_times", options.token_times, "with jsonl: write each token of a transcript with its time");
  flags.add("output", options.output, "write to this file; empty = standard output");
  flags.add_positional("PATH", options.paths, "audio files and folders; - or none: a list on standard input");
  if (!flags.parse(arguments)) return 0;
  require_flag("adapter", options.adapter.adapter);
  find_row(prediction_formats(), options.format, "--format");

  const std::vector<fs::path> paths = audio_paths(options.paths, std::cin);
  if (paths.empty()) fail_usage("no audio files: name files or folders, or give a list on standard input");
  const AdaptedModel model =
      AdaptedModel::load(options.adapter.adapter, options.adapter.model, read_labels(options.adapter.labels));
  check_task(model.task(), options.logits);
  size_t failed = 0;
  const auto predict = [&](std::ostream& out) { failed = predict_files(model, paths, options, out); };
  if (options.output.empty()) {
    predict(std::cout);
  } else {
    write_file(options.output, predict);
  }
  return failed == 0 ? 0 : 1;
}

}  // namespace sure
