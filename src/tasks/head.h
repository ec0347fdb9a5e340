// Hidden states -> the outputs of a task: the part of the model that is new for every task and always trains.
#pragma once

#include <cstdint>
#include <optional>

#include "backbone/backbone.h"
#include "core/options.h"
#include "core/tensor.h"

namespace sure {

struct HeadOptions {
  bool use_weighted_layer_sum = false;
  bool final_norm_in_layer_sum = true;
  std::optional<int64_t> classifier_proj_size;  // else as the backbone's config says
};

template <class Visitor>
void visit_options(HeadOptions& o, Visitor&& visit) {
  visit("use_weighted_layer_sum", o.use_weighted_layer_sum, "head reads a trained weighted sum of all layers");
  visit("final_norm_in_layer_sum", o.final_norm_in_layer_sum,
        "use_weighted_layer_sum: the last layer's output counts behind the encoder's final norm, as in transformers 4");
  visit(
      "classifier_proj_size", o.classifier_proj_size,
      Declaration("width of the head's projector").range(0, kWidestLayer).otherwise("as the model's config says", "0"));
}

struct HeadOutput {
  Tensor logits;                 // fp32 [B, C]; of a CTC head [B, T, C]
  Tensor lengths;                // int64 [B] on the CPU: valid frames of each clip; only of a CTC head
  double seconds_per_frame = 0;  // only of a CTC head
  Tensor embedding;              // fp32 [B, E]; only of an x-vector head
};

/// Parameter names and shapes are those of transformers' Wav2Vec2ForSequenceClassification, …ForCTC and …ForXVector.
class Head {
 public:
  virtual ~Head() = default;
  /// In fp32 whatever the hidden states are. `training`: dropout acts.
  virtual HeadOutput forward(const HiddenStates& states, bool training) const = 0;
  virtual bool needs_all_layers() const = 0;
};

}  // namespace sure
