#include "cli/signals.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string_view>
#include <thread>

#include "cli/child_run.h"
#include "core/error.h"
#include "formats/mapped_file.h"

namespace sure {

namespace {

void say(const char* text) { [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, text, std::strlen(text)); }

/// Calls nothing that a signal handler may not.
void end_by_bus_error(int signal, siginfo_t* info, void* /*context*/) {
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

// Read by the handler, which may not allocate and may come at any time: what it points to is never changed.
std::atomic<const std::string*> said = nullptr;
std::atomic<int> terminations = -1;  // a pipe, to the thread that ends the program

void end_by_interrupt(int signal) {
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

void explain_bus_errors() {
  struct sigaction action = {};
  action.sa_sigaction = end_by_bus_error;
  action.sa_flags = SA_SIGINFO;
  ::sigaction(SIGBUS, &action, nullptr);
}

void explain_interrupt(const std::string& message) {
  // Its elements stay where they are, and it is never destroyed: a signal may come while the program ends.
  static auto* const messages = new std::deque<std::string>();
  said = &messages->emplace_back(message);
  std::signal(SIGINT, end_by_interrupt);
  std::signal(SIGTERM, end_by_interrupt);
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
  std::signal(SIGTERM, end_by_interrupt);
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
