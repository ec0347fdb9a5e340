#include "cli/print.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/json_text.h"
#include "text/printable.h"

namespace sure {

void print_json(const nlohmann::ordered_json& json) { fmt::print("{}", printable_json(json_text(json))); }

size_t terminal_columns(std::FILE* stream, size_t otherwise) {
  winsize size{};
  if (::ioctl(::fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return otherwise;
  return size.ws_col;
}

void tell(std::FILE* stream, std::string_view text) {
  [[maybe_unused]] const size_t ignored = std::fwrite(text.data(), 1, text.size(), stream);
}

}  // namespace sure
