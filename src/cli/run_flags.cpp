#include "cli/run_flags.h"

#include "cli/config_file.h"
#include "core/options.h"
#include "train/resolve.h"

namespace sure {

void add_run_flags(FlagSet& flags, RunFlags& run) {
  SpeechRunConfig& config = run.config;
  flags.add_text("config", "flags from a JSON or YAML file, as a run's config.json; the command line overrides it",
                 "FILE", [&config](const std::string& path) { take_config_file(path, config); });
  flags.add("overwrite_output_dir", run.overwrite_output_dir, "throw away the results of an earlier run there");
  flags.group("Data");
  flags.add("task", config.task, describe_tasks() + "; empty = the data set's usual one");
  flags.add_all("Data", config.data);
  flags.add_all("Model", config.model);
  flags.add_all("Tuning method", config.tuning);
  flags.add_all("Task head", config.head);
  flags.add_all("Transcripts as targets", config.target);
  flags.add_all("Learning to speak (--task tts)", config.speech);
  flags.add_all("Transcripts of the final evaluation", config.decode);
  flags.add_all("Training", config.train);
  flags.add_all("Switches of the original SURE program", run.legacy);
}

std::vector<std::string> common_run_flags() {
  return {"dataset",
          "data_dir",
          "task",
          "model",
          "method",
          "output_dir",
          "num_train_epochs",
          "max_steps",
          "learning_rate",
          "per_device_train_batch_size",
          "batch_seconds",
          "max_samples",
          "test_speakers",
          "valid_speakers",
          "folds",
          "clips_per_class",
          "lora_rank",
          "lora_alpha",
          "tune_layers",
          "vocab",
          "evaluation_strategy",
          "eval_steps",
          "early_stopping_patience",
          "bf16",
          "int8",
          "cache",
          "device",
          "seed",
          "init_from",
          "resume",
          "overwrite_output_dir",
          "config"};
}

SpeechRunConfig resolve_run(const RunFlags& run, const FlagSet& flags) {
  SpeechRunConfig config = run.config;
  apply_legacy_flags(run.legacy, flags, config.tuning);
  static_cast<RunConfig&>(config) = resolve(config, [&flags](const std::string& name) { return flags.given(name); });
  check_speech_options(config);
  return config;
}

}  // namespace sure
