#include "tuning/conv_adapter.h"

#include <ATen/ops/conv1d.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>

#include <cmath>

#include "fused/depthwise.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "tuning/placement.h"

namespace sure {

namespace {

/// Grouped convolution over time without bias, "same" padding: [B, C, T] -> [B, C', T].
class TimeConv {
 public:
  TimeConv(const Scope& scope, int64_t in, int64_t out, int64_t kernel, int64_t groups)
      : weight_(scope.parameter("weight", {out, in / groups, kernel}, init::kaiming_uniform(std::sqrt(5.0)))),
        groups_(groups) {}

  Tensor forward(const Tensor& x) const {
    return at::conv1d(x, weight_.to(x.scalar_type()), {}, 1, weight_.size(2) / 2, 1, groups_);
  }

  const Tensor& weight() const { return weight_; }

 private:
  Tensor weight_;
  int64_t groups_;
};

class ConvAdapter : public ResidualAdapter {
 public:
  ConvAdapter(const Scope& scope, int64_t size, const TuningOptions& options)
      : inner_(size / options.conv_reduction),
        norm_(scope / "norm", size),
        down_(scope / "down", size, inner_, kernel(options, 0), inner_),
        mid_(scope / "mid", inner_, inner_, kernel(options, 1), inner_),
        up_(scope / "up", inner_, size, kernel(options, 2), inner_),
        squeeze_(scope / "squeeze", size, size / options.squeeze_reduction, linear_init(), /*with_bias=*/false),
        excite_(scope / "excite", size / options.squeeze_reduction, size, linear_init(), /*with_bias=*/false) {}

  Tensor forward(const Tensor& x, const ForwardContext& context) const override {
    const fused::DepthwiseResult y = convolve(norm_.forward(x), context.frame_mask);
    const Tensor mean = y.mean.to(x.scalar_type());
    const Tensor gate = at::sigmoid(excite_.forward(at::relu(squeeze_.forward(mean))));
    return x + y.y * gate.unsqueeze(1);
  }

  static int64_t kernel(const TuningOptions& options, size_t index) { return std::stoll(options.conv_kernels[index]); }

 private:
  static Init linear_init() { return init::kaiming_uniform(std::sqrt(5.0)); }

  /// The three convolutions of x [B, T, C], and their mean over time.
  fused::DepthwiseResult convolve(const Tensor& x, const Tensor& frame_mask) const {
    const fused::DepthwiseWeights weights = {down_.weight(), mid_.weight(), up_.weight()};
    if (fused::can_fuse(x, weights)) {
      return fused::depthwise_chain(x, weights, frame_mask.defined() ? frame_mask.sum(1) : Tensor());
    }
    const Tensor mask = frame_mask.defined() ? frame_mask.unsqueeze(1).to(x.scalar_type()) : Tensor();
    const auto valid = [&](const Tensor& t) { return mask.defined() ? t * mask : t; };  // [B, C, T]
    const Tensor inner = at::relu(down_.forward(valid(x.transpose(1, 2))));
    const Tensor y = valid(up_.forward(valid(mid_.forward(valid(inner)))));
    return {y.transpose(1, 2), mask.defined() ? y.sum(2) / mask.sum(2) : y.mean(2)};
  }

  int64_t inner_;
  LayerNorm norm_;
  TimeConv down_;
  TimeConv mid_;
  TimeConv up_;
  Linear squeeze_;
  Linear excite_;
};

}  // namespace

void apply_conv_adapter(const TuningOptions& options, TuningTarget& target) {
  place_after_blocks(options, target, [&](const Scope& scope, int64_t size) {
    return std::make_shared<ConvAdapter>(scope, size, options);
  });
}

void apply_front_end_adapters(const TuningOptions& options, TuningTarget& target) {
  for (const Site& site : sites_of(target.sites, SiteKind::kAfterConvolution)) {
    target.adapters.put(site, std::make_shared<ConvAdapter>(target.scope / site.name, site.out, options));
  }
}

}  // namespace sure
