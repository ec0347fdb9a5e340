#include "text/replace_all.h"

namespace sure {

std::string replace_all(std::string text, std::span<const Replacement> replacements) {
  for (const auto& [from, to] : replacements) {
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
  }
  return text;
}

}  // namespace sure
