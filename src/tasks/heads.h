// The heads that tasks have, whose parameters have the shapes and names of transformers', and the layers in them.
#pragma once

#include <cstdint>
#include <memory>

#include "backbone/backbone.h"
#include "nn/parameters.h"
#include "tasks/head.h"

namespace sure {

/// [..., in] -> [..., out]; starts as torch.nn.Linear does: weight [out, in] and bias [out], both U(±1 / sqrt(in)).
struct TorchLinear {
  TorchLinear(int64_t in, int64_t out, const Scope& scope);
  Tensor operator()(const Tensor& x) const;

  Tensor weight;
  Tensor bias;
};

/// The hidden states that a head reads: the last layer's, or with `use_weighted_layer_sum` the sum of all L + 1 under
/// the softmax of trained layer_weights [L + 1], which start equal. There the last one has the encoder's final norm
/// behind it only with `final_norm_in_layer_sum`.
class LayerMix {
 public:
  LayerMix(const HeadOptions& options, const BackboneConfig& config, const Scope& scope);

  /// fp32 [B, T, D].
  Tensor operator()(const HiddenStates& states) const;
  bool needs_all_layers() const { return weights_.defined(); }

 private:
  Tensor weights_;
  bool final_norm_;
};

/// `options`' projector width, or the backbone's.
int64_t projector_size(const HeadOptions& options, const BackboneConfig& config);

/// One vector per utterance: [weighted sum of all layers] -> projector -> mean over valid frames -> classifier, as
/// transformers' Wav2Vec2ForSequenceClassification; [B, T, D] -> [B, C].
/// Parameters: projector.{weight,bias} [P, D], classifier.{weight,bias} [C, P], layer_weights [L + 1].
std::unique_ptr<Head> make_sequence_classification_head(const HeadOptions& options, const BackboneConfig& config,
                                                        int64_t outputs, const Scope& scope);

/// One score per frame and token: [weighted sum of all layers] -> dropout -> lm_head, as transformers' Wav2Vec2ForCTC;
/// [B, T, D] -> [B, T, V]. The dropout is the config's final_dropout.
/// Parameters: lm_head.{weight [V, D], bias [V]}, layer_weights [L + 1].
std::unique_ptr<Head> make_ctc_head(const HeadOptions& options, const BackboneConfig& config, int64_t outputs,
                                    const Scope& scope);

/// One vector per voice: [weighted sum of all layers] -> projector -> time-delay layers -> mean and standard deviation
/// over valid frames -> embedding -> cosine with every training speaker. X-vectors (Snyder et al. 2018) as in
/// transformers' Wav2Vec2ForXVector; [B, T, D] -> embedding [B, E] (transformers' `embeddings`) and logits [B, C], the
/// cosines in [-1, 1] between the classifier's output and the vectors of the classes, which an AM-softmax loss scales.
/// Sizes are tdnn_* and xvector_output_dim of the config.
/// Parameters: projector.{weight,bias} [N_0, D], tdnn.I.kernel.{weight,bias} [N_I, kernel · N_(I-1)],
/// feature_extractor.{weight,bias} [E, 2 N_last], classifier.{weight,bias} [E, E], objective.weight [E, C],
/// layer_weights [L + 1]. A clip too short for two frames behind the time-delay layers goes on with its last frame.
/// Throws a usage Error for another width of the projector than the config's.
std::unique_ptr<Head> make_x_vector_head(const HeadOptions& options, const BackboneConfig& config, int64_t outputs,
                                         const Scope& scope);

/// `x` divided by its Euclidean length along `dim`; zeros stay zeros.
Tensor unit_vectors(const Tensor& x, int64_t dim);

}  // namespace sure
