#include "backbone/data2vec.h"

#include "backbone/wav2vec2.h"
#include "core/error.h"
#include "nn/stacked_positional_conv.h"

namespace sure {

std::unique_ptr<Backbone> build_data2vec(const BackboneConfig& config, ParameterSource& source) {
  return build_wav2vec2(config, source, [&](const Scope& root) {
    Wav2Vec2Parts parts;
    parts.positions = std::make_unique<StackedPositionalConv>(
        root / "encoder" / "pos_conv_embed",
        StackedPositionalConvOptions{config.hidden_size, config.num_conv_pos_embeddings, config.conv_pos_kernel_size,
                                     config.num_conv_pos_embedding_groups, config.feat_extract_activation});
    return parts;
  });
}

void settle_data2vec(BackboneConfig& config, const std::string& origin) {
  if (config.do_stable_layer_norm || config.conv_pos_batch_norm) {
    fail("{}: '{}' is true, which no data2vec model has", origin,
         config.do_stable_layer_norm ? "do_stable_layer_norm" : "conv_pos_batch_norm");
  }
  config.feat_extract_norm = "layer";
}

}  // namespace sure
