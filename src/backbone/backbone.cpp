#include "backbone/backbone.h"

#include "backbone/data2vec.h"
#include "backbone/wav2vec2.h"
#include "backbone/wavlm.h"
#include "core/registry.h"

namespace sure {

void Backbone::own(ParameterList parameters, SiteList sites) {
  parameters_ = std::move(parameters);
  sites_ = std::move(sites);
  sort_sites(sites_);
}

const std::vector<BackboneKind>& backbone_kinds() {
  static const std::vector<BackboneKind> table = {
      {.name = "wav2vec2",
       .help = "wav2vec 2.0, XLSR-53, XLS-R, MMS",
       .prefix = "wav2vec2",
       .python_class = "Wav2Vec2",
       .has_x_vector_class = true,
       .build = &build_wav2vec2},
      {.name = "hubert", .help = "HuBERT", .prefix = "hubert", .python_class = "Hubert", .build = &build_wav2vec2},
      {.name = "wavlm",
       .help = "WavLM",
       .prefix = "wavlm",
       .python_class = "WavLM",
       .has_x_vector_class = true,
       .peft_reaches_attention = false,
       .build = &build_wavlm},
      {.name = "data2vec-audio",
       .help = "data2vec for audio",
       .prefix = "data2vec_audio",
       .python_class = "Data2VecAudio",
       .has_x_vector_class = true,
       .positions_hear_padding = true,
       .build = &build_data2vec,
       .settle = &settle_data2vec},
      {.name = "unispeech",
       .help = "UniSpeech",
       .prefix = "unispeech",
       .python_class = "UniSpeech",
       .build = &build_wav2vec2},
      {.name = "unispeech-sat",
       .help = "UniSpeech-SAT",
       .prefix = "unispeech_sat",
       .python_class = "UniSpeechSat",
       .has_x_vector_class = true,
       .build = &build_wav2vec2},
  };
  return table;
}

const BackboneKind& kind_of(const BackboneConfig& config) {
  return find_row(backbone_kinds(), config.model_type, "model_type");
}

std::unique_ptr<Backbone> build_backbone(const BackboneConfig& config, ParameterSource& source) {
  return kind_of(config).build(config, source);
}

}  // namespace sure
