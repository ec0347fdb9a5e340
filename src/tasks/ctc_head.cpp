#include "tasks/ctc_head.h"

#include <ATen/ops/full.h>

#include "core/batch_rows.h"
#include "tasks/head_layers.h"

namespace sure {

namespace {

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
    output.frames = valid_frames(states);
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

std::unique_ptr<Head> make_ctc_head(const HeadOptions& options, const BackboneConfig& config, int64_t outputs,
                                    const Scope& scope) {
  return std::make_unique<CtcHead>(options, config, outputs, scope);
}

}  // namespace sure
