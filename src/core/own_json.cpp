#include "core/own_json.h"

#include "core/atomic_file.h"

namespace sure {

nlohmann::ordered_json json_or_null(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return nullptr;
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(read_file(path), nullptr, /*allow_exceptions=*/false);
  return json.is_discarded() ? nullptr : json;
}

}  // namespace sure
