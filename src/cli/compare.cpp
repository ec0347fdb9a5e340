// sure compare: the same task by several methods and seeds, each run a child process, then one table.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "backbone/backbone.h"
#include "cli/child_run.h"
#include "cli/command.h"
#include "cli/comparison.h"
#include "cli/run_flags.h"
#include "cli/signals.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_text.h"
#include "core/registry.h"
#include "train/output_folder.h"

namespace sure {

namespace {

namespace fs = std::filesystem;

struct CompareOptions {
  RunFlags run;
  std::vector<std::string> methods;
  int64_t seeds = 1;
  std::string format = "text";
};

void check(const CompareOptions& options, const FlagSet& flags) {
  if (options.methods.empty()) fail_usage("--methods is needed, as in --methods lora,conv_adapter");
  std::set<std::string> seen;
  for (const std::string& method : options.methods) {
    if (!seen.insert(method).second) fail_usage("--methods: {} is named twice", method);
  }
  for (const char* flag : {"method", "fine_tune", "lora_adapter", "prefix_tuning", "trans_adapter_name"}) {
    if (flags.given(flag)) fail_usage("--methods and --{} contradict each other: --methods names them all", flag);
  }
  if (!options.run.config.train.do_train) fail_usage("--do_train False: compare has nothing to compare");
  const std::string& resume = options.run.config.train.resume;
  if (!resume.empty() && resume != "latest") fail_usage("--resume {}: compare takes only 'latest'", resume);
  load_backbone_config(options.run.config.model.model);
}

RunLayout layout() { return {"sure compare", {}, {{"comparison.json", "methods"}}}; }

/// One run's configuration, in a folder of its own below the common one.
RunConfig run_config(const CompareOptions& options, const FlagSet& flags, const std::string& method, int64_t offset) {
  RunFlags run = options.run;
  run.config.tuning.method = method;
  run.config.train.seed += offset;
  RunConfig config = resolve_run(run, flags);
  return part_of_run(config, fmt::format("{}-seed{}", method, config.train.seed));
}

}  // namespace

int run_compare(const Arguments& arguments) {
  FlagSet flags(
      "sure compare",
      "Trains several methods on one task, one after another, each in a process of its own, and prints a table:\n"
      "metric (mean ± deviation over the seeds), trained parameters, share, seconds a step, peak memory.\n"
      "Takes every flag of sure train. --resume latest reuses finished runs and goes on with the others.",
      "sure compare --methods lora,conv_adapter --seeds 3 --dataset fsdd --data_dir DIR --output_dir output");
  CompareOptions options;
  flags.group("Comparison");
  flags.add("methods", options.methods, Declaration("methods to compare (needed)").one_of(names_of(tuning_methods())));
  flags.add("seeds", options.seeds,
            Declaration("runs of each method, with seeds --seed, --seed + 1, …").range(1, kMostCounted));
  flags.add("format", options.format,
            Declaration("how the table is printed; markdown and json are saved in output_dir too")
                .one_of(names_of(comparison_formats())));
  add_run_flags(flags, options.run);
  std::vector<std::string> common = common_run_flags();
  std::replace(common.begin(), common.end(), std::string("method"), std::string("methods"));
  common.insert(common.end(), {"seeds", "format"});
  flags.common(common);
  if (!flags.parse(arguments)) return 0;
  check(options, flags);

  OutputFolder output(options.run.config.train.output_dir, layout(), Earlier::keep, {});
  for (const std::string& note : output.make()) fmt::print(stderr, "{}\n", note);
  explain_interrupt("interrupted: the same command with --resume latest reuses the finished runs");
  std::vector<std::vector<nlohmann::json>> results;
  for (const std::string& method : options.methods) {
    std::vector<nlohmann::json>& runs = results.emplace_back();
    for (int64_t i = 0; i < options.seeds; ++i) {
      runs.push_back(train_in_child(run_config(options, flags, method, i), options.run.overwrite_output_dir));
    }
  }
  const Comparison comparison = compare_results(results);
  const fs::path folder = options.run.config.train.output_dir;
  write_file(folder / "comparison.md", comparison_to_markdown(comparison));
  write_file(folder / "comparison.json", json_text(comparison_to_json(comparison)));
  fmt::print("{}", find_row(comparison_formats(), options.format, "--format").write(comparison));
  return 0;
}

}  // namespace sure
