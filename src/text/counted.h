// Numbers of things as people say them: "1 clip", "2,250 clips".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sure {

/// "2,250".
std::string with_commas(int64_t count);

/// "1 clip", "2 clips"; "1 class", "2 classes"; `plural` for other words: "1 entry", "2 entries".
std::string counted(int64_t count, std::string_view singular, std::string_view plural = "");

}  // namespace sure
