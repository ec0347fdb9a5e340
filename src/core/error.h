// The one exception type of the library. A message is one line that names the file, flag or key at fault, what was
// found, what was expected and what to do.
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace sure {

/// Whose fault it is: `usage` is answered with exit code 2, `runtime` with 1.
enum class ErrorKind { usage, runtime };

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}

  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

/// Throws a run-time Error: bad data, a missing file, a full disk.
template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(ErrorKind::runtime, fmt::format(format, std::forward<Args>(args)...));
}

/// Throws a usage Error: an unknown name, flags that contradict each other.
template <class... Args>
[[noreturn]] void fail_usage(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(ErrorKind::usage, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace sure
