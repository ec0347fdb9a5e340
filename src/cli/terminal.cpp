#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

namespace sure {

size_t terminal_columns(std::FILE* stream, size_t otherwise) {
  winsize size{};
  if (::ioctl(::fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return otherwise;
  return size.ws_col;
}

}  // namespace sure
