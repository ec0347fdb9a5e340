#include "backbone/backbone.h"

#include "backbone/wav2vec2.h"
#include "core/registry.h"

namespace sure {

const std::vector<BackboneKind>& backbone_kinds() {
  static const std::vector<BackboneKind> table = {
      {"wav2vec2", "wav2vec 2.0, XLSR-53, XLS-R, MMS", &build_wav2vec2},
      {"hubert", "HuBERT", &build_wav2vec2},
  };
  return table;
}

std::unique_ptr<Backbone> build_backbone(const BackboneConfig& config, ParameterSource& source) {
  return find_row(backbone_kinds(), config.model_type, "model_type").build(config, source);
}

}  // namespace sure
