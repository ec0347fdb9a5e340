// JSON on standard output, whatever names it holds.
#pragma once

#include <nlohmann/json.hpp>

namespace sure {

/// Over several lines; bytes that are no UTF-8 come as U+FFFD, and no control character as itself.
void print_json(const nlohmann::ordered_json& json);

}  // namespace sure
