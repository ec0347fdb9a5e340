// sure predict: audio files -> labels with probabilities, one line each.
#include <ATen/ops/softmax.h>
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
  std::string format = "text";
  bool logits = false;
  std::string output;
  std::vector<std::string> paths;
};

/// fp32 [C] as numbers.
std::vector<double> to_numbers(const Tensor& values) {
  const Tensor wide = values.to(torch::kCPU, torch::kDouble).contiguous();
  return {wide.data_ptr<double>(), wide.data_ptr<double>() + wide.numel()};
}

Prediction predict_file(const AdaptedModel& model, const fs::path& path, bool logits) {
  const CollateOptions options = model.collate_options();
  const Batch batch = collate({read_audio(path, kSampleRate, options.max_samples)}, options);
  const Tensor scores = model.forward(batch, false)[0];
  Prediction prediction;
  prediction.path = path.string();
  prediction.best = static_cast<size_t>(scores.argmax().item<int64_t>());
  prediction.probabilities = to_numbers(at::softmax(scores, 0));
  if (logits) prediction.logits = to_numbers(scores);
  return prediction;
}

/// One clip at a time, so that a clip's result does not depend on its neighbours. Returns how many files failed; their
/// errors go to standard error.
size_t predict_files(const AdaptedModel& model, const std::vector<fs::path>& paths, const PredictOptions& options,
                     std::ostream& out) {
  const PredictionFormat& format = find_row(prediction_formats(), options.format, "--format");
  const std::vector<std::string>& labels = model.spec().labels;
  size_t failed = 0;
  format.begin(out, labels, options.logits);
  for (const fs::path& path : paths) {
    try {
      format.write(out, labels, predict_file(model, path, options.logits));
      out.flush();
    } catch (const Error& error) {
      fmt::print(stderr, "sure: {}\n", error.what());
      ++failed;
    }
    if (!out) fail("cannot write the predictions: is the disk full?");
  }
  return failed;
}

}  // namespace

int run_predict(const Arguments& arguments) {
  FlagSet flags("sure predict",
                "Labels audio files with an adapted model. A file that cannot be read is reported on standard error;\n"
                "the others are done, and the exit code is 1.",
                "sure predict --adapter output/best_model --format jsonl recordings/ clip.flac");
  PredictOptions options;
  add_adapter_flags(flags, options.adapter);
  flags.group("Output");
  flags.add("format", options.format, "text, jsonl or csv");
  flags.add("logits", options.logits, "write the logits too");
  flags.add("output", options.output, "write to this file; empty = standard output");
  flags.add_positional("PATH", options.paths, "audio files and folders; - or none: a list on standard input");
  if (!flags.parse(arguments)) return 0;
  require_flag("adapter", options.adapter.adapter);
  find_row(prediction_formats(), options.format, "--format");

  const std::vector<fs::path> paths = audio_paths(options.paths, std::cin);
  if (paths.empty()) fail_usage("no audio files: name files or folders, or give a list on standard input");
  const AdaptedModel model =
      AdaptedModel::load(options.adapter.adapter, options.adapter.model, read_labels(options.adapter.labels));
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
