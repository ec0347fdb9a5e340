// What adapters are to the layers that they sit at; src/tuning makes them.
#pragma once

#include <optional>
#include <utility>

#include "core/tensor.h"
#include "fused/linear.h"
#include "nn/forward_context.h"

namespace sure {

/// Follows a block: [B, T, D] -> [B, T, D], its own residual included.
class ResidualAdapter {
 public:
  virtual ~ResidualAdapter() = default;
  virtual Tensor forward(const Tensor& x, const ForwardContext& context) const = 0;
};

/// Sits at a linear layer.
class ProjectionAdapter {
 public:
  virtual ~ProjectionAdapter() = default;
  /// Before the layer: [..., in] -> [..., in].
  virtual Tensor adapt_input(const Tensor& x) const { return x; }
  /// Behind it: its input before adapt_input, [..., in], and its output, [..., out] -> [..., out].
  virtual Tensor adapt_output(const Tensor& /*x*/, const Tensor& y) const { return y; }
  /// The same as a change of the layer's weight, fp32 [out, in], and bias [out], which may be undefined.
  virtual void merge(Tensor& weight, Tensor& bias) const = 0;
  /// The same as a product of two thin matrices, which the layer can compute along with its own; none where it is not.
  virtual std::optional<fused::LowRankUpdate> low_rank() const { return std::nullopt; }
};

/// Puts P extra keys and values before those of a self-attention.
class AttentionPrefix {
 public:
  virtual ~AttentionPrefix() = default;
  /// Keys and values, each [B, P, D]; never masked.
  virtual std::pair<Tensor, Tensor> forward(int64_t batch, const ForwardContext& context) const = 0;
};

}  // namespace sure
