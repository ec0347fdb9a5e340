#include "cli/interrupt.h"

#include <unistd.h>

#include <csignal>

namespace sure {

namespace {

// Read by the handler, which may not allocate.
std::string& line() {
  static std::string text;
  return text;
}

void handle(int signal) {
  [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, line().data(), line().size());
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

void explain_interrupt(const std::string& message) {
  line() = "\nsure: " + message + "\n";
  std::signal(SIGINT, handle);
  std::signal(SIGTERM, handle);
}

}  // namespace sure
