#include "cli/child_run.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_text.h"
#include "core/own_json.h"
#include "core/process.h"
#include "core/strict_json.h"

namespace sure {

namespace {

namespace fs = std::filesystem;

constexpr const char* kItself = "/proc/self/exe";
constexpr const char* kParent = "SURE_PARENT_PROCESS";  // in a child's environment: the number of its parent

std::atomic<pid_t> running_child = 0;

std::vector<std::string> environment_of_child() {
  const std::string own = std::string(kParent) + "=";
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!std::string_view(*variable).starts_with(own)) variables.emplace_back(*variable);
  }
  variables.push_back(own + std::to_string(::getpid()));
  return variables;
}

/// Runs this program with `arguments` and waits; the child's standard output goes to standard error. Returns its exit
/// code, 128 + N after signal N.
int run_itself(const std::vector<std::string>& arguments) {
  ProcessStart start{kItself, {"sure"}, {}, STDERR_FILENO, {}, environment_of_child()};
  start.words.insert(start.words.end(), arguments.begin(), arguments.end());
  pid_t child = 0;
  const int error = start_process(start, child);
  if (error != 0) fail("cannot start {}: {}", kItself, std::strerror(error));
  running_child = child;
  const ProcessEnd end = wait_for_process(child);
  running_child = 0;
  return end.signal != 0 ? 128 + end.signal : end.code;
}

/// The results of a finished run with this very configuration; null when there is none.
nlohmann::json finished_results(const RunConfig& config) {
  const fs::path folder = config.train.output_dir;
  const nlohmann::json recorded = json_or_null(folder / "config.json"), wanted = config_to_json(config);
  if (recorded != wanted) return nullptr;
  return json_or_null(folder / "results.json");
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
  write_file(request, json_text(config_to_json(config)));
  std::vector<std::string> arguments = {"train", "--config", request.string()};
  if (resume && fs::exists(folder)) arguments.insert(arguments.end(), {"--resume", "latest"});
  if (overwrite_output_dir) arguments.push_back("--overwrite_output_dir");
  fmt::print(stderr, "\n=== {} ===\n", folder.filename().string());
  const int code = run_itself(arguments);
  fs::remove(request);
  if (code != 0) fail("{}: this run failed (exit code {})", folder.string(), code);
  return read_json(folder / "results.json");
}

void end_child(int signal) {
  const pid_t child = running_child;
  if (child <= 0) return;
  ::kill(child, signal);
  while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) continue;
}

void end_with_parent() {
  const char* parent = std::getenv(kParent);
  if (parent == nullptr) return;
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (std::to_string(::getppid()) != parent) std::raise(SIGTERM);  // it ended before it could be watched
}

}  // namespace sure
