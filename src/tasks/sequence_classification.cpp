#include "tasks/sequence_classification.h"

#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/linear.h>

#include <cmath>

#include "metrics/classification.h"

namespace sure {

namespace {

struct TorchLinear {
  /// Starts as torch.nn.Linear does: both U(±1 / sqrt(in)).
  TorchLinear(int64_t in, int64_t out, const Scope& scope)
      : weight(scope.parameter("weight", {out, in}, init::kaiming_uniform(std::sqrt(5.0)))),
        bias(scope.parameter("bias", {out}, init::uniform(1 / std::sqrt(static_cast<double>(in))))) {}

  Tensor operator()(const Tensor& x) const { return at::linear(x, weight, bias); }

  Tensor weight;
  Tensor bias;
};

/// [B, T, P] -> [B, P]; `mask` is bool [B, T] or undefined.
Tensor mean_over_frames(const Tensor& x, const Tensor& mask) {
  if (!mask.defined()) return x.mean(1);
  return x.masked_fill(~mask.unsqueeze(-1), 0).sum(1) / mask.sum(1, true);
}

class SequenceClassificationHead : public Head {
 public:
  SequenceClassificationHead(const HeadOptions& options, const BackboneConfig& config, int64_t classes,
                             const Scope& scope)
      : projector_(config.hidden_size, projector_size(options, config), scope / "projector"),
        classifier_(projector_size(options, config), classes, scope / "classifier") {
    if (!options.use_weighted_layer_sum) return;
    const int64_t states = config.num_hidden_layers + 1;
    layer_weights_ = scope.parameter("layer_weights", {states}, init::constant(1.0 / static_cast<double>(states)));
  }

  Tensor forward(const HiddenStates& states) const override {
    const Tensor hidden = needs_all_layers() ? weighted_sum(states.layers) : states.layers.back().to(torch::kFloat);
    return classifier_(mean_over_frames(projector_(hidden), states.frame_mask));
  }

  bool needs_all_layers() const override { return layer_weights_.defined(); }

 private:
  static int64_t projector_size(const HeadOptions& options, const BackboneConfig& config) {
    return options.classifier_proj_size > 0 ? options.classifier_proj_size : config.classifier_proj_size;
  }

  Tensor weighted_sum(const std::vector<Tensor>& layers) const {
    const std::vector<Tensor> weights = layer_weights_.softmax(-1).unbind();
    Tensor sum = layers.front().to(torch::kFloat) * weights.front();
    for (size_t i = 1; i < layers.size(); ++i) sum = sum + layers[i].to(torch::kFloat) * weights.at(i);
    return sum;
  }

  TorchLinear projector_;
  TorchLinear classifier_;
  Tensor layer_weights_;  // [L + 1]
};

}  // namespace

std::unique_ptr<Head> make_sequence_classification_head(const HeadOptions& options, const BackboneConfig& config,
                                                        int64_t classes, const Scope& scope) {
  return std::make_unique<SequenceClassificationHead>(options, config, classes, scope);
}

Tensor classification_loss(const Tensor& logits, const Tensor& labels) {
  return at::cross_entropy_loss(logits, labels);
}

Metrics classification_metrics(const Predictions& predictions) {
  const Tensor confusion =
      confusion_matrix(predictions.labels, predictions.logits.argmax(-1), predictions.logits.size(-1));
  return {{"accuracy", accuracy(confusion)}, {"f1", weighted_f1(confusion)}, {"macro_f1", macro_f1(confusion)}};
}

}  // namespace sure
