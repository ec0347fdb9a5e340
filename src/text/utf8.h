// UTF-8 text as code points.
#pragma once

#include <string_view>

namespace sure {

bool is_utf8(std::string_view text);

}  // namespace sure
