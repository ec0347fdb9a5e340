#include "cli/child_run.h"

#include <fmt/format.h>

#include "cli/child_process.h"
#include "cli/command.h"
#include "cli/run_flags.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/strict_json.h"

namespace sure {

namespace {

namespace fs = std::filesystem;

/// The results of a finished run with this very configuration; null when there is none.
nlohmann::json finished_results(const RunConfig& config) {
  const fs::path folder = config.train.output_dir;
  const auto read = [&](const char* name) {
    return fs::exists(folder / name) ? nlohmann::json::parse(read_file(folder / name), nullptr, false)
                                     : nlohmann::json();
  };
  const nlohmann::json wanted = config_to_json(config);
  return read("config.json") == wanted ? read("results.json") : nlohmann::json();
}

}  // namespace

RunConfig part_of_run(RunConfig config, const std::string& name) {
  config.train.output_dir = (fs::path(config.train.output_dir) / name).string();
  if (!config.train.logging_dir.empty())
    config.train.logging_dir = (fs::path(config.train.logging_dir) / name).string();
  return config;
}

nlohmann::json train_in_child(const RunConfig& config, bool overwrite_output_dir) {
  const fs::path folder = config.train.output_dir;
  const bool resume = !config.train.resume.empty();
  const fs::path request = folder.string() + ".json";
  fs::remove(request);  // of a run that was killed
  if (resume) {
    nlohmann::json results = finished_results(config);
    if (results.is_object()) {
      fmt::print(stderr, "{}: finished before, reused\n", folder.string());
      return results;
    }
  }
  fs::create_directories(folder.parent_path());
  write_file(request, config_to_json(config).dump(2) + "\n");
  Arguments arguments = {"train", "--config", request.string()};
  if (resume && fs::exists(folder)) arguments.insert(arguments.end(), {"--resume", "latest"});
  if (overwrite_output_dir) arguments.push_back("--overwrite_output_dir");
  fmt::print(stderr, "\n=== {} ===\n", folder.filename().string());
  const int code = run_itself(arguments);
  fs::remove(request);
  if (code != 0) fail("{}: this run failed (exit code {})", folder.string(), code);
  return read_json(folder / "results.json");
}

}  // namespace sure
