// The heads that are little more than linear layers; the x-vector head has a file of its own.
#include "tasks/heads.h"

#include <ATen/ops/full.h>
#include <ATen/ops/linear.h>

#include <cmath>

#include "core/batch_rows.h"

namespace sure {

namespace {

/// [B, T, P] -> [B, P]; `mask` is bool [B, T] or undefined.
Tensor mean_over_frames(const Tensor& x, const Tensor& mask) {
  if (!mask.defined()) return x.mean(1);
  return x.masked_fill(~mask.unsqueeze(-1), 0).sum(1) / mask.sum(1, true);
}

class SequenceClassificationHead : public Head {
 public:
  SequenceClassificationHead(const HeadOptions& options, const BackboneConfig& config, int64_t outputs,
                             const Scope& scope)
      : projector_(config.hidden_size, projector_size(options, config), scope / "projector"),
        classifier_(projector_size(options, config), outputs, scope / "classifier"),
        mix_(options, config, scope) {}

  HeadOutput forward(const HiddenStates& states, bool /*training*/) const override {
    HeadOutput output;
    output.logits = classifier_(mean_over_frames(projector_(mix_(states)), states.frame_mask));
    return output;
  }

  bool needs_all_layers() const override { return mix_.needs_all_layers(); }

 private:
  TorchLinear projector_;
  TorchLinear classifier_;
  LayerMix mix_;
};

/// int64 [B] on the CPU; without a mask every frame counts.
Tensor valid_frames(const HiddenStates& states) {
  if (states.frame_mask.defined()) return states.frame_mask.sum(1).cpu();
  const Tensor& last = states.layers.back();
  return at::full({last.size(0)}, last.size(1), at::kLong);
}

class CtcHead : public Head {
 public:
  CtcHead(const HeadOptions& options, const BackboneConfig& config, int64_t outputs, const Scope& scope)
      : dropout_(config.final_dropout),
        seconds_per_frame_(config.seconds_per_frame()),
        lm_head_(config.hidden_size, outputs, scope / "lm_head"),
        mix_(options, config, scope) {}

  HeadOutput forward(const HiddenStates& states, bool training) const override {
    HeadOutput output;
    output.logits = lm_head_(dropout_of_rows(mix_(states), dropout_, training));
    output.lengths = valid_frames(states);
    output.seconds_per_frame = seconds_per_frame_;
    return output;
  }

  bool needs_all_layers() const override { return mix_.needs_all_layers(); }

 private:
  double dropout_;
  double seconds_per_frame_;
  TorchLinear lm_head_;
  LayerMix mix_;
};

}  // namespace

TorchLinear::TorchLinear(int64_t in, int64_t out, const Scope& scope)
    : weight(scope.parameter("weight", {out, in}, init::kaiming_uniform(std::sqrt(5.0)))),
      bias(scope.parameter("bias", {out}, init::uniform(1 / std::sqrt(static_cast<double>(in))))) {}

Tensor TorchLinear::operator()(const Tensor& x) const { return at::linear(x, weight, bias); }

LayerMix::LayerMix(const HeadOptions& options, const BackboneConfig& config, const Scope& scope)
    : final_norm_(options.final_norm_in_layer_sum) {
  if (!options.use_weighted_layer_sum) return;
  const int64_t states = config.num_hidden_layers + 1;
  weights_ = scope.parameter("layer_weights", {states}, init::constant(1.0 / static_cast<double>(states)));
}

Tensor LayerMix::operator()(const HiddenStates& states) const {
  if (!weights_.defined()) return states.layers.back().to(at::kFloat);
  const std::vector<Tensor> weights = weights_.softmax(-1).unbind();
  std::vector<Tensor> layers = states.layers;
  if (!final_norm_) layers.back() = states.without_norm;
  Tensor sum = layers.front().to(at::kFloat) * weights.front();
  for (size_t i = 1; i < layers.size(); ++i) sum = sum + layers[i].to(at::kFloat) * weights.at(i);
  return sum;
}

int64_t projector_size(const HeadOptions& options, const BackboneConfig& config) {
  return options.classifier_proj_size.value_or(config.classifier_proj_size);
}

std::unique_ptr<Head> make_sequence_classification_head(const HeadOptions& options, const BackboneConfig& config,
                                                        int64_t outputs, const Scope& scope) {
  return std::make_unique<SequenceClassificationHead>(options, config, outputs, scope);
}

std::unique_ptr<Head> make_ctc_head(const HeadOptions& options, const BackboneConfig& config, int64_t outputs,
                                    const Scope& scope) {
  return std::make_unique<CtcHead>(options, config, outputs, scope);
}

}  // namespace sure
