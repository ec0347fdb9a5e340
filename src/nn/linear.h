// y = x Wᵀ + b, with a slot beside it.
#pragma once

#include <memory>
#include <optional>

#include "nn/adapter_site.h"
#include "nn/parameters.h"

namespace sure {

class Linear {
 public:
  /// Builds weight [out, in] and, unless told otherwise, bias [out].
  Linear(const Scope& scope, int64_t in, int64_t out, const Init& weight_init, bool with_bias = true);

  /// [..., in] -> [..., out]; weights are cast to the type of x.
  Tensor forward(const Tensor& x) const;

  /// This layer with its adapter for the fused operations; none where x, its shape or its adapter is not for them.
  std::optional<fused::LinearLayer> fusable(const Tensor& x) const;

  /// Keeps the weight, unless it trains, in 8 bits from now on. Products with it are of 8 bits where fused::can_fuse.
  void quantise();

  ProjectionSite site();

 private:
  Tensor weight_as(at::ScalarType type) const;
  std::optional<fused::LinearLayer> fusable_with(const Tensor& x, const fused::LowRankUpdate& update) const;
  Tensor forward_alone(const Tensor& x) const;

  Tensor weight_;
  Tensor scales_;  // of a weight in 8 bits
  Tensor bias_;
  std::shared_ptr<ProjectionAdapter> adapter_;
};

/// Weight U(±1 / sqrt(in)) as torch.nn.Linear's default; unlike there, bias 0.
Linear default_linear(const Scope& scope, int64_t in, int64_t out);

}  // namespace sure
