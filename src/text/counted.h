// Numbers of things as people say them: "1 clip", "2,250 clips".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sure {

/// "2,250".
std::string with_commas(int64_t count);

/// "1 clip", "2 clips"; "1 class", "2 classes"; `plural` for other words: "1 entry", "2 entries".
std::string counted(int64_t count, std::string_view singular, std::string_view plural = "");

/// "a, b and 3 more": the first `most` of the names, all where they are no more.
std::string name_some(const std::vector<std::string>& names, size_t most);

}  // namespace sure
