#include "backbone/wavlm.h"

#include "backbone/wav2vec2.h"
#include "nn/relative_positions.h"

namespace sure {

std::unique_ptr<Backbone> build_wavlm(const BackboneConfig& config, ParameterSource& source) {
  return build_wav2vec2(config, source, [&](const Scope& root) {
    const RelativePositionOptions options = {config.num_attention_heads, config.num_buckets,
                                             config.max_bucket_distance};
    const Scope first = root / "encoder" / "layers" / 0 / "attention";  // a checkpoint keeps all layers' table there
    Wav2Vec2Parts parts;
    parts.relative_positions = std::make_shared<RelativePositions>(first / "rel_attn_embed", options);
    return parts;
  });
}

}  // namespace sure
