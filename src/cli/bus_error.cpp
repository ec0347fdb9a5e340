#include "cli/bus_error.h"

#include <unistd.h>

#include <csignal>
#include <cstring>

#include "formats/mapped_file.h"

namespace sure {

namespace {

void say(const char* text) { [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, text, std::strlen(text)); }

/// Calls nothing that a signal handler may not.
void handle(int signal, siginfo_t* info, void* /*context*/) {
  const char* file = mapped_file_at(info->si_addr);
  if (file == nullptr) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
    return;
  }
  say("sure: ");
  say(file);
  say(": cannot read (input/output error, or cut short while in use); get it again\n");
  ::_exit(1);
}

}  // namespace

void explain_bus_errors() {
  struct sigaction action = {};
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO;
  ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace sure
