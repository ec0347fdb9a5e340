#include "formats/weight_norm.h"

#include <string_view>
#include <utility>

namespace sure {

std::string with_older_weight_norm(std::string name) {
  constexpr std::pair<std::string_view, std::string_view> kSpellings[] = {
      {"parametrizations.weight.original0", "weight_g"}, {"parametrizations.weight.original1", "weight_v"}};
  for (const auto& [spelling, older] : kSpellings) {
    if (const size_t at = name.rfind(spelling); at != std::string::npos) name.replace(at, spelling.size(), older);
  }
  return name;
}

}  // namespace sure
