// sure train: data set + backbone + tuning method -> output_dir/{config.json, best_model/, results.json}.
#include <fmt/format.h>

#include <filesystem>

#include "cli/child_run.h"
#include "cli/command.h"
#include "cli/evaluation_report.h"
#include "cli/folds.h"
#include "cli/progress.h"
#include "cli/run_flags.h"
#include "cli/world_run.h"
#include "core/error.h"
#include "core/world.h"
#include "tasks/synthesis.h"
#include "text/counted.h"
#include "train/checkpoint.h"
#include "train/resolve.h"
#include "train/run.h"
#include "train/speech_run.h"

namespace sure {

namespace {

namespace fs = std::filesystem;

constexpr double kMebibyte = 1024.0 * 1024.0;

/// What Ctrl-C says before the first checkpoint.
std::string nothing_saved(const TrainOptions& options) {
  if (!options.resume.empty() && latest_checkpoint(options.output_dir)) return kResumable;
  if (!options.do_train) return "interrupted: nothing was written";
  return options.save_strategy == Strategy::no
             ? "interrupted: --save_strategy no leaves no checkpoint; --overwrite_output_dir starts again"
             : "interrupted before the first checkpoint: the same command with --resume latest starts from step 0";
}

/// Shows a run on standard output.
class ShownRun : public RunProgress {
 public:
  ShownRun() : RunProgress(stdout) {}

  void on_folder(const RunConfig& config) override { explain_interrupt(nothing_saved(config.train)); }

  void on_result(const std::string& split, const nlohmann::ordered_json& evaluation, bool is_result) override {
    on_message(format_metrics(split + ": ", evaluation) + (is_result ? "\n" + format_details(evaluation) : ""));
  }

  void on_end(const RunConfig& config, const RunOutcome& outcome) {
    if (outcome.trained) show_training(config, *outcome.trained, outcome.results.at("peak_memory_bytes").get<double>());
    const fs::path folder = config.train.output_dir;
    on_message(
        fmt::format("adapter: {}\nresults: {}", (folder / "best_model").string(), (folder / "results.json").string()));
  }

 private:
  void show_training(const RunConfig& config, const TrainResult& trained, double peak_memory) {
    on_message(fmt::format("{} in {} ({:.2f} s a step, {:.0f} MiB peak memory){}", counted(trained.steps, "step"),
                           format_duration(trained.seconds), trained.seconds_per_step, peak_memory / kMebibyte,
                           trained.stopped_early ? ", stopped early" : ""));
    if (trained.best_by.empty()) return;
    on_message(fmt::format("best model: step {}, {} {:.4f}, chosen by {}", trained.best_step,
                           config.train.metric_for_best_model, trained.best_metric, trained.best_by));
  }
};

void train_speech(const SpeechRunConfig& config, bool overwrite, const World& world) {
  if (world.size() > 1) fail_usage("--task {}: one process only; start it without torchrun or srun", config.task);
  ShownRun shown;
  shown.on_end(config, run_speech_training(config, overwrite, shown));
}

/// Of a world's processes rank 0 alone shows the run.
void train_in_world(const SpeechRunConfig& config, bool overwrite, World& world) {
  if (makes_speech(find_task(config.task))) return train_speech(config, overwrite, world);
  if (world.leads()) {
    ShownRun shown;
    shown.on_end(config, run_training(config, overwrite, shown, world));
  } else {
    RunObserver silent;
    run_training(config, overwrite, silent, world);
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
  const SpeechRunConfig config = resolve_run(flags_of_run, flags);
  if (!config.data.folds.empty() && config.data.fold == 0) {
    if (address.size > 1) fail_usage("--folds starts a process for each fold; give --fold N with WORLD_SIZE above 1");
    train_folds(config, flags_of_run.overwrite_output_dir);
    return 0;
  }
  const std::unique_ptr<World> world = join_world(address);
  run_in_world(*world, kResumable, [&] { train_in_world(config, flags_of_run.overwrite_output_dir, *world); });
  return 0;
}

}  // namespace sure
