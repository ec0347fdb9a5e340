#include "core/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

extern char** environ;

namespace sure {

namespace {

/// What posix_spawn is told, freed with the object.
struct SpawnSettings {
  explicit SpawnSettings(const ProcessStart& start) {
    ::posix_spawn_file_actions_init(&actions);
    redirect(start.input, STDIN_FILENO, O_RDONLY);
    redirect(start.output, STDOUT_FILENO, O_WRONLY);
    redirect(start.errors, STDERR_FILENO, O_WRONLY);
    ::posix_spawnattr_init(&attributes);
    sigset_t signals;
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes, &signals);
    ::sigaddset(&signals, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes, &signals);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  void redirect(const std::optional<int>& from, int stream, int mode) {
    if (!from) return;
    if (*from == kNowhere) {
      ::posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", mode, 0);
    } else {
      ::posix_spawn_file_actions_adddup2(&actions, *from, stream);
    }
  }

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

/// Null-terminated, as exec wants it.
std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

int start_process(const ProcessStart& start, pid_t& process) {
  const SpawnSettings settings(start);
  std::vector<std::string> words = start.words, variables = start.environment;
  return ::posix_spawnp(&process, start.program.c_str(), &settings.actions, &settings.attributes,
                        pointers_to(words).data(), variables.empty() ? environ : pointers_to(variables).data());
}

std::string describe(const ProcessEnd& end) {
  return end.signal != 0 ? fmt::format("it was ended by signal {}", end.signal)
                         : fmt::format("it ended with exit code {}", end.code);
}

ProcessEnd wait_for_process(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) continue;
  return WIFSIGNALED(status) ? ProcessEnd{WTERMSIG(status), 0} : ProcessEnd{0, WEXITSTATUS(status)};
}

}  // namespace sure
