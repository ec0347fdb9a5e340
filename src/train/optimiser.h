// AdamW (Loshchilov & Hutter 2019) and gradient clipping, with the arithmetic of torch.optim.AdamW.
#pragma once

#include <vector>

#include "nn/parameters.h"

namespace sure {

struct AdamWOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0;  // decoupled; on matrices and kernels only, not on biases and norms (one axis)
};

/// Holds the parameters and, for each, its two moments and its own count of steps. A parameter without a gradient (its
/// layer was dropped) is left alone, as torch does.
class AdamW {
 public:
  AdamW(const ParameterList& parameters, const AdamWOptions& options);

  /// Updates the parameters in place by their gradients.
  void step(double learning_rate);

  /// Forgets the gradients.
  void zero_gradients();

  /// "<parameter>.exp_avg" and ".exp_avg_sq" of its shape, "<parameter>.step" fp32 [1]; shared, not copied.
  ParameterList state() const;

  /// Copies a saved state in. Throws Error, by the source, for a missing or wrongly shaped tensor.
  void load_state(ParameterSource& source);

 private:
  struct Slot {
    std::string name;
    Tensor parameter;
    Tensor exp_avg;
    Tensor exp_avg_sq;
    Tensor step;
    bool decays;
  };

  void step_group(bool decays, double learning_rate);

  std::vector<Slot> slots_;
  AdamWOptions options_;
};

/// Scales all gradients together so that their norm is at most `max_norm` (0: leaves them) and returns the norm before,
/// as torch.nn.utils.clip_grad_norm_. Gradients are left alone when the norm is not finite.
double clip_gradients(const ParameterList& parameters, double max_norm);

}  // namespace sure
