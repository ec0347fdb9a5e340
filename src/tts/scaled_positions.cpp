#include "tts/scaled_positions.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/stack.h>

#include <cmath>

#include "fused/residual.h"

namespace sure {

namespace {

constexpr double kLongestWave = 10000;

}  // namespace

Tensor sinusoids(int64_t first, int64_t length, int64_t size) {
  const double step = -std::log(kLongestWave) / static_cast<double>(size);
  const Tensor speeds = (at::arange(0, size, 2, at::kLong).to(at::kFloat) * step).exp();
  const Tensor phases = at::arange(first, first + length, at::kLong).to(at::kFloat).unsqueeze(1) * speeds;
  return at::stack({phases.sin(), phases.cos()}, 2).view({length, size});
}

ScaledPositions::ScaledPositions(const Scope& scope, int64_t size, double dropout)
    : alpha_(scope.parameter("alpha", {}, init::ones())), size_(size), dropout_(dropout) {}

Tensor ScaledPositions::forward(const Tensor& x, int64_t first, bool training) const {
  const Tensor positions = sinusoids(first, x.size(1), size_).to(x.options());
  return fused::dropout(x + alpha_.to(x.scalar_type()) * positions, dropout_, training);
}

}  // namespace sure
