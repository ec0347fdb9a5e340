#include "pretrain/save_model.h"

#include "core/atomic_file.h"
#include "core/json_text.h"
#include "core/registry.h"
#include "formats/safetensors.h"
#include "model/hf_config.h"

namespace sure {

namespace {

struct SaveDtype {
  std::string name;
  at::ScalarType dtype;
};

const std::vector<SaveDtype>& save_dtypes() {
  static const std::vector<SaveDtype> table = {{"fp32", at::kFloat}, {"bf16", at::kBFloat16}, {"fp16", at::kHalf}};
  return table;
}

}  // namespace

std::vector<std::string> save_dtype_names() { return names_of(save_dtypes()); }

at::ScalarType find_save_dtype(const std::string& name) { return find_row(save_dtypes(), name, "--save_dtype").dtype; }

const FolderKind& pretrained_model() {
  static const FolderKind kind = {
      "sure pretrain: model", {"config.json", "model.safetensors", "preprocessor_config.json"}, "targets.safetensors"};
  return kind;
}

std::string save_model(const std::filesystem::path& folder, const Backbone& backbone, at::ScalarType dtype) {
  ParameterList weights;
  for (const NamedTensor& parameter : backbone.parameters()) {
    weights.push_back({parameter.name, parameter.value.detach().to(dtype)});
  }
  const BackboneConfig& config = backbone.config();
  return write_folder(folder, pretrained_model(), [&](const std::filesystem::path& path) {
    write_safetensors(path / "model.safetensors", weights, {{"format", "pt"}});
    write_file(path / "config.json", json_text(config.raw));
    write_file(path / "preprocessor_config.json", json_text(preprocessor_config(config)));
  });
}

}  // namespace sure
