#include "cli/interrupt.h"

#include <unistd.h>

#include <atomic>
#include <csignal>
#include <deque>

#include "cli/child_process.h"

namespace sure {

namespace {

// Read by the handler, which may not allocate and may come at any time: what it points to is never changed.
std::atomic<const std::string*> line = nullptr;

void handle(int signal) {
  const std::string& text = *line.load();
  [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, text.data(), text.size());
  end_child(signal);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

void explain_interrupt(const std::string& message) {
  static std::deque<std::string> said;  // its elements stay where they are
  line = &said.emplace_back("\nsure: " + message + "\n");
  std::signal(SIGINT, handle);
  std::signal(SIGTERM, handle);
}

}  // namespace sure
