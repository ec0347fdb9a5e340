#include "backbone/key_map.h"

#include "formats/weight_norm.h"

namespace sure {

bool is_below_head(const BackboneKind& kind, const std::string& name) { return name.starts_with(kind.prefix + "."); }

std::string canonical_name(const BackboneKind& kind, const std::string& name) {
  return with_older_weight_norm(is_below_head(kind, name) ? name.substr(kind.prefix.size() + 1) : name);
}

std::string checkpoint_name(const BackboneKind& kind, const std::string& name) { return kind.prefix + "." + name; }

}  // namespace sure
