#include "backbone/key_map.h"

#include <string_view>
#include <utility>

namespace sure {

namespace {

/// torch.nn.utils.parametrizations.weight_norm -> torch.nn.utils.weight_norm.
std::string with_older_spelling(std::string name) {
  constexpr std::pair<std::string_view, std::string_view> kSpellings[] = {
      {"parametrizations.weight.original0", "weight_g"}, {"parametrizations.weight.original1", "weight_v"}};
  for (const auto& [spelling, canonical] : kSpellings) {
    if (const size_t at = name.rfind(spelling); at != std::string::npos) name.replace(at, spelling.size(), canonical);
  }
  return name;
}

}  // namespace

bool is_below_head(const BackboneKind& kind, const std::string& name) { return name.starts_with(kind.prefix + "."); }

std::string canonical_name(const BackboneKind& kind, const std::string& name) {
  return with_older_spelling(is_below_head(kind, name) ? name.substr(kind.prefix.size() + 1) : name);
}

std::string checkpoint_name(const BackboneKind& kind, const std::string& name) { return kind.prefix + "." + name; }

}  // namespace sure
