#include "backbone/unused_tensors.h"

#include <fmt/format.h>

#include "backbone/model_folder.h"
#include "text/counted.h"

namespace sure {

namespace {

constexpr size_t kNamedTensors = 3;

}  // namespace

std::string describe_unused(const LoadedBackbone& loaded, const std::string& model) {
  const std::vector<std::string>& names = loaded.unused_of_encoder;
  if (names.empty()) return "";
  return fmt::format("{}: {} of the encoder {} not used: {}; its config.json does not ask for them", find_model(model),
                     counted(std::ssize(names), "tensor"), names.size() == 1 ? "is" : "are",
                     name_some(names, kNamedTensors));
}

}  // namespace sure
