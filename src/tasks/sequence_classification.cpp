#include "tasks/sequence_classification.h"

#include "tasks/head_layers.h"

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

}  // namespace

std::unique_ptr<Head> make_sequence_classification_head(const HeadOptions& options, const BackboneConfig& config,
                                                        int64_t outputs, const Scope& scope) {
  return std::make_unique<SequenceClassificationHead>(options, config, outputs, scope);
}

}  // namespace sure
