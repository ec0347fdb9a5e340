#include "core/torch_error.h"

#include <algorithm>

#include "core/error.h"

namespace sure {

std::string describe(const c10::Error& error) {
  std::string message = error.what_without_backtrace();
  const std::string start = "you tried to allocate ";
  if (const size_t found = message.find(start); found != std::string::npos) {
    const size_t from = found + start.size();
    return fmt::format("out of memory, {} bytes are not there; use shorter clips (--max_samples) or smaller batches",
                       message.substr(from, message.find(' ', from) - from));
  }
  std::replace(message.begin(), message.end(), '\n', ' ');
  return message;
}

}  // namespace sure
