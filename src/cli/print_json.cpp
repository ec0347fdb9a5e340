#include "cli/print_json.h"

#include <fmt/format.h>

#include "text/printable.h"

namespace sure {

void print_json(const nlohmann::ordered_json& json) {
  fmt::print("{}\n", printable_json(json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace)));
}

}  // namespace sure
