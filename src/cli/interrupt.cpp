#include "cli/interrupt.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string_view>
#include <thread>

#include "cli/child_process.h"
#include "core/error.h"

namespace sure {

namespace {

// Read by the handler, which may not allocate and may come at any time: what it points to is never changed.
std::atomic<const std::string*> said = nullptr;
std::atomic<int> terminations = -1;  // a pipe, to the thread that ends the program

void handle(int signal) {
  if (const int pipe = terminations; signal == SIGTERM && pipe >= 0) {
    [[maybe_unused]] const ssize_t ignored = ::write(pipe, "", 1);
    return;
  }
  if (const std::string* text = said) {
    for (const std::string_view part :
         {std::string_view("\nsure: "), std::string_view(*text), std::string_view("\n")}) {
      [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, part.data(), part.size());
    }
  }
  end_child(signal);
  die_of(signal);
}

}  // namespace

void explain_interrupt(const std::string& message) {
  static std::deque<std::string> messages;  // its elements stay where they are
  said = &messages.emplace_back(message);
  std::signal(SIGINT, handle);
  std::signal(SIGTERM, handle);
}

void on_termination(std::function<void(const std::string& message)> end, const std::string& otherwise) {
  int pipe[2];
  if (::pipe(pipe) != 0) fail("cannot make a pipe: {}", std::strerror(errno));
  std::thread([from = pipe[0], end = std::move(end), otherwise] {
    char byte = 0;
    while (::read(from, &byte, 1) < 0 && errno == EINTR) continue;
    const std::string* message = said;
    end(message == nullptr ? otherwise : *message);
  }).detach();
  terminations = pipe[1];
  std::signal(SIGTERM, handle);
}

void die_of(int signal) {
  std::signal(signal, SIG_DFL);
  sigset_t own;
  sigemptyset(&own);
  sigaddset(&own, signal);
  ::pthread_sigmask(SIG_UNBLOCK, &own, nullptr);  // a handler runs with its signal blocked
  std::raise(signal);
  std::_Exit(128 + signal);
}

}  // namespace sure
