// sure pretrain: recordings -> output_dir/model, a Hugging Face folder of a HuBERT model.
#include <fmt/format.h>

#include "cli/command.h"
#include "cli/config_file.h"
#include "cli/flags.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "cli/world_run.h"
#include "core/atomic_file.h"
#include "core/json_text.h"
#include "core/options.h"
#include "model/device.h"
#include "pretrain/pretrain.h"
#include "pretrain/save_model.h"
#include "text/counted.h"
#include "train/agreement.h"
#include "train/checkpoint.h"
#include "train/output_folder.h"

namespace sure {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct PretrainFlags {
  PretrainConfig config;
  bool overwrite_output_dir = false;
};

void add_flags(FlagSet& flags, PretrainFlags& run) {
  PretrainConfig& config = run.config;
  flags.add_text("config", "flags from a JSON or YAML file, as a run's config.json; the command line overrides it",
                 "FILE", [&config](const std::string& path) { take_config_file(path, config); });
  flags.add("overwrite_output_dir", run.overwrite_output_dir, "throw away the results of an earlier run there");
  flags.add_all("Recordings", config.corpus);
  flags.add_all("Shape of the model", config.shape);
  flags.add_all("What is clustered", config.teacher);
  flags.add_all("Clusters", config.clusters);
  flags.add_all("Masked prediction", config.objective);
  flags.add_all("Augmentation", config.augment);
  flags.add_all("Judging the clusters", config.labels);
  flags.add_all("Training", config.training);
}

Json config_to_json(PretrainConfig config) {
  config.training.resume.clear();
  return options_to_json(config);
}

Json result_to_json(const PretrainResult& result, at::Device device) {
  Json json = {{"clips", result.clips},
               {"hours", result.hours},
               {"parameters", result.parameters},
               {"steps", result.training.steps},
               {"clusters_used", result.clusters_used},
               {"target_entropy", result.entropy}};
  if (result.quality) {
    json["targets"] = {{"pnmi", result.quality->pnmi},
                       {"label_purity", result.quality->label_purity},
                       {"cluster_purity", result.quality->cluster_purity}};
  }
  json.update({{"validation", result.validation},
               {"seconds_per_step", result.training.seconds_per_step},
               {"seconds", result.training.seconds},
               {"peak_memory_bytes", peak_memory_bytes(device)}});
  return json;
}

RunLayout layout() {
  return {"sure pretrain",
          {{"model", pretrained_model()}, {"checkpoint-", pretraining_checkpoint()}},
          {{"config.json", "kmeans_frames"}, {"results.json", "peak_memory_bytes", /*result=*/true}}};
}

/// Those that must be the same in all processes: recordings may lie elsewhere on another machine.
Json shared_options(const PretrainConfig& config) {
  Json options;
  const Json all = options_to_json(config);
  for (const auto& item : all.items()) options["--" + item.key()] = item.value();
  for (const char* path : {"--audio", "--exclude", "--teacher", "--labels", "--init_from"}) options.erase(path);
  return options;
}

void start(OutputFolder& output, const PretrainConfig& config, TrainObserver& progress) {
  const fs::path folder = config.training.output_dir;
  for (const std::string& note : output.make()) progress.on_message(note);
  if (config.training.resume.empty()) write_file(folder / "config.json", json_text(config_to_json(config)));
  explain_interrupt(
      latest_checkpoint(folder)
          ? kResumable
          : "interrupted before the first checkpoint: the same command with --resume latest starts from step 0");
}

void report(const PretrainResult& result, const PretrainOptions& options, TrainObserver& progress) {
  const fs::path folder = options.output_dir;
  write_file(folder / "results.json", json_text(result_to_json(result, find_device(options.device))));
  if (!result.validation.empty()) progress.on_message("validation: " + format_metrics(result.validation));
  progress.on_message(fmt::format("{} steps in {} ({:.2f} s a step), {} parameters\nmodel: {}", result.training.steps,
                                  format_duration(result.training.seconds), result.training.seconds_per_step,
                                  with_commas(result.parameters), (folder / "model").string()));
}

void run(const PretrainFlags& flags, World& world) {
  validate(flags.config);
  require_agreement(world, shared_options(flags.config));
  const std::unique_ptr<TrainObserver> progress = world_observer(world);
  std::optional<OutputFolder> output;  // of rank 0
  if (world.leads()) {
    const PretrainOptions& options = flags.config.training;
    const Earlier earlier = fate_of_earlier(options.resume.empty(), flags.overwrite_output_dir);
    output.emplace(options.output_dir, layout(), earlier, options_to_json(flags.config));
    start(*output, flags.config, *progress);
  }
  const PretrainResult result = pretrain(flags.config, *progress, world);
  if (world.leads()) report(result, flags.config.training, *progress);
  world.barrier();  // rank 0 may keep the store
}

}  // namespace

int run_pretrain(const Arguments& arguments) {
  FlagSet flags(
      "sure pretrain",
      "Makes a speech model from recordings alone, by HuBERT's method: frames are masked, and the model tells the\n"
      "clusters of the masked ones from what is around them. The first round clusters MFCC; a second one, which\n"
      "--teacher begins, clusters the hidden states of the first one's model.",
      "sure pretrain --audio DIR --output_dir first\n"
      "  sure pretrain --audio DIR --teacher first/model --clusters 500 --output_dir second\n"
      "  sure train --model second/model --dataset fsdd --data_dir DIR");
  PretrainFlags run_flags;
  add_flags(flags, run_flags);
  flags.common({"audio",
                "exclude",
                "output_dir",
                "max_steps",
                "batch_seconds",
                "hidden_size",
                "num_hidden_layers",
                "num_attention_heads",
                "intermediate_size",
                "teacher",
                "teacher_layer",
                "init_from",
                "clusters",
                "learning_rate",
                "bf16",
                "device",
                "seed",
                "save_dtype",
                "resume",
                "overwrite_output_dir",
                "config"});
  if (!flags.parse(arguments)) return 0;
  const std::unique_ptr<World> world = join_world(world_address());
  run_in_world(*world, kResumable, [&] { run(run_flags, *world); });
  return 0;
}

}  // namespace sure
