// Sound from magnitudes alone by the fast Griffin-Lim algorithm (Perraudin et al. 2013): phases that no weights know
// are found by going to the sound and back, with momentum.
#pragma once

#include "vocoder/vocoder.h"

namespace sure {

struct GriffinLimOptions {
  int64_t iterations = 60;
  double momentum = 0.99;  // 0: Griffin and Lim's own of 1984
};

/// Magnitudes fp32 [T, transform / 2 + 1] -> fp32 [(T - 1) hop]. Phases start at 0.
Tensor griffin_lim(const Tensor& magnitudes, const FrameOptions& frames, const GriffinLimOptions& options = {});

/// The vocoder for want of a trained one.
class GriffinLim : public Vocoder {
 public:
  explicit GriffinLim(const MelOptions& mel, const GriffinLimOptions& options = {});

  Tensor forward(const Tensor& mel) const override;
  const MelOptions& mel() const override { return mel_; }
  int64_t reach() const override { return -1; }

 private:
  MelOptions mel_;
  GriffinLimOptions options_;
  Tensor to_spectrum_;  // the filters' pseudo-inverse, [bins, transform / 2 + 1]
};

}  // namespace sure
