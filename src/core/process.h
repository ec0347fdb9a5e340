// Other programs as child processes: started without a shell, waited for.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace sure {

/// Stands for /dev/null.
constexpr int kNowhere = -1;

/// How a program starts. Descriptors that are left open here are closed there if they have close-on-exec.
struct ProcessStart {
  std::string program;             // looked up in PATH unless it has a slash
  std::vector<std::string> words;  // its own name first
  // Descriptors for its standard streams; nothing: those of this program.
  std::optional<int> input, output, errors;
  std::vector<std::string> environment;  // "NAME=value"; empty: this program's
};

/// Starts it with no signal blocked and SIGPIPE as by default. Returns 0 or what went wrong, as in errno.
int start_process(const ProcessStart& start, pid_t& process);

/// How a process ended: by a signal, or with an exit code.
struct ProcessEnd {
  int signal = 0;
  int code = 0;
  bool well() const { return signal == 0 && code == 0; }
};

/// "it was ended by signal 9", "it ended with exit code 1".
std::string describe(const ProcessEnd& end);

/// Waits for a process of this program's.
ProcessEnd wait_for_process(pid_t process);

}  // namespace sure
