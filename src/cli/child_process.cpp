#include "cli/child_process.h"

#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "core/error.h"

namespace sure {

namespace {

constexpr const char* kItself = "/proc/self/exe";
constexpr const char* kParent = "SURE_PARENT_PROCESS";  // in a child's environment: the number of its parent

std::atomic<pid_t> running_child = 0;

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) fail("cannot wait for a run: {}", std::strerror(errno));
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// Null-terminated, as exec wants it; `words` must outlive it.
std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_of_child() {
  const std::string own = std::string(kParent) + "=";
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!std::string_view(*variable).starts_with(own)) variables.emplace_back(*variable);
  }
  variables.push_back(own + std::to_string(::getpid()));
  return variables;
}

}  // namespace

int run_itself(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {"sure"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = environment_of_child();

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  pid_t child = 0;
  const int error =
      ::posix_spawn(&child, kItself, &actions, nullptr, pointers_to(words).data(), pointers_to(variables).data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) fail("cannot start {}: {}", kItself, std::strerror(error));
  running_child = child;
  const int code = wait_for(child);
  running_child = 0;
  return code;
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
