// y = x Wᵀ + b, with a site for adapters.
#pragma once

#include <optional>
#include <vector>

#include "nn/adapter_set.h"
#include "nn/parameters.h"

namespace sure {

class Linear {
 public:
  /// Builds weight [out, in] and, unless told otherwise, bias [out].
  Linear(const Scope& scope, int64_t in, int64_t out, const Init& weight_init, bool with_bias = true);

  /// [..., in] -> [..., out]; weights are cast to the type of x.
  Tensor forward(const Tensor& x, const ForwardContext& context = {}) const;

  /// This layer with its adapters, as the fused operations take it; nothing where they are more than low-rank updates.
  std::optional<fused::LinearLayer> with_updates(const ForwardContext& context) const;

  /// Keeps the weight, unless it trains, in 8 bits from now on. Products with it are of 8 bits where there are kernels.
  void quantise();

 private:
  Tensor weight_;
  Tensor scales_;  // of a weight in 8 bits
  Tensor bias_;
  SiteId site_;
};

/// Several layers of one input, in one operation where their adapters allow it: one [..., out] each.
std::vector<Tensor> forward_all(const std::vector<const Linear*>& layers, const Tensor& x,
                                const ForwardContext& context);

/// Weight U(±1 / sqrt(in)) as torch.nn.Linear's default; unlike there, bias 0.
Linear default_linear(const Scope& scope, int64_t in, int64_t out, bool with_bias = true);

}  // namespace sure
