#include "nn/batch_norm.h"

#include <ATen/ops/batch_norm.h>
#include <ATen/ops/ones.h>
#include <c10/core/GradMode.h>

namespace sure {

namespace {

constexpr double kEps = 1e-5;
constexpr double kMomentum = 0.1;

/// In place of the tensor's storage, which may be a read-only file.
void follow(const Tensor& running, const Tensor& batch) {
  running.set_data(running.detach() * (1 - kMomentum) + batch.detach().flatten() * kMomentum);
}

}  // namespace

BatchNorm::BatchNorm(const Scope& scope, int64_t channels)
    : weight_(scope.parameter("weight", {channels}, init::ones())),
      bias_(scope.parameter("bias", {channels}, init::zeros())),
      running_mean_(scope.buffer("running_mean", {channels}, init::zeros())),
      running_var_(scope.buffer("running_var", {channels}, init::ones())) {}

Tensor BatchNorm::forward(const Tensor& x, const Tensor& mask, BatchStatistics statistics) const {
  if (statistics == BatchStatistics::learned) return learn(x, mask);
  return at::batch_norm(x, weight_, bias_, running_mean_, running_var_, /*training=*/false, kMomentum, kEps,
                        /*cudnn_enabled=*/false);
}

Tensor BatchNorm::learn(const Tensor& x, const Tensor& mask) const {
  const Tensor real = mask.defined() ? mask.unsqueeze(1).to(x.scalar_type())
                                     : at::ones({x.size(0), 1, x.size(2)}, x.options().requires_grad(false));
  const Tensor count = real.sum();
  const auto mean_of = [&](const Tensor& values) { return (values * real).sum({0, 2}, /*keepdim=*/true) / count; };
  const Tensor mean = mean_of(x), variance = mean_of((x - mean).square());
  follow(running_mean_, mean);
  follow(running_var_, variance * (count / (count - 1).clamp_min(1)));
  const auto by_channel = [](const Tensor& values) { return values.view({1, -1, 1}); };
  return (x - mean) * (variance + kEps).rsqrt() * by_channel(weight_) + by_channel(bias_);
}

}  // namespace sure
