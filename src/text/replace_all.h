// Parts of a text and what stands in their place.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace sure {

using Replacement = std::pair<std::string_view, std::string_view>;  // from, to

/// `text` with every `from` replaced, one pair after another; what a pair has put in is not looked at again by it.
std::string replace_all(std::string text, std::span<const Replacement> replacements);

}  // namespace sure
