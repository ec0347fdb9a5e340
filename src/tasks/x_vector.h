// One vector per voice: [weighted sum of all layers] -> projector -> time-delay layers -> mean and standard deviation
// over valid frames -> embedding -> cosine with every training speaker; [B, T, D] -> [B, E] and [B, C]. X-vectors
// (Snyder et al. 2018) as in transformers' Wav2Vec2ForXVector.
#pragma once

#include <cstdint>
#include <memory>

#include "nn/parameters.h"
#include "tasks/head.h"

namespace sure {

/// Its output: embedding [B, E] as transformers' `embeddings`, and logits [B, C], the cosines in [-1, 1] between the
/// classifier's output and the vectors of the classes; an AM-softmax loss scales them. Sizes are tdnn_* and
/// xvector_output_dim of the config.
/// Parameters: projector.{weight,bias} [N_0, D], tdnn.I.kernel.{weight,bias} [N_I, kernel · N_(I-1)],
/// feature_extractor.{weight,bias} [E, 2 N_last], classifier.{weight,bias} [E, E], objective.weight [E, C],
/// layer_weights [L + 1]. A clip too short for two frames behind the time-delay layers goes on with its last frame.
/// Throws a usage Error for another width of the projector than the config's.
std::unique_ptr<Head> make_x_vector_head(const HeadOptions& options, const BackboneConfig& config, int64_t outputs,
                                         const Scope& scope);

/// `x` divided by its Euclidean length along `dim`; zeros stay zeros.
Tensor unit_vectors(const Tensor& x, int64_t dim);

}  // namespace sure
