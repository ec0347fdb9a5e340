#include "cli/print.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "text/printable.h"

namespace sure {

void print_json(const nlohmann::ordered_json& json) {
  fmt::print("{}\n", printable_json(json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace)));
}

size_t terminal_columns(std::FILE* stream, size_t otherwise) {
  winsize size{};
  if (::ioctl(::fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return otherwise;
  return size.ws_col;
}

}  // namespace sure
