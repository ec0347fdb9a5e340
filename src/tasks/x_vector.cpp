#include "tasks/heads.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv1d.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>

#include <algorithm>
#include <vector>

#include "core/error.h"

namespace sure {

namespace {

constexpr double kSmallestLength = 1e-12;  // as torch.nn.functional.normalize
constexpr int64_t kPooledFrames = 2;       // the standard deviation of one frame is undefined

/// [B, T, in] -> [B, T - context, out]: a dilated convolution whose weight is that of a linear layer on the frames it
/// sees, [out, kernel · in]. With that layer's usual start, a few of them in a row would leave little of a clip beside
/// their biases.
class TimeDelayLayer {
 public:
  TimeDelayLayer(int64_t in, int64_t out, int64_t kernel, int64_t dilation, const Scope& scope)
      : kernel_(kernel),
        dilation_(dilation),
        weight_((scope / "kernel").parameter("weight", {out, kernel * in}, init::kaiming_normal())),
        bias_((scope / "kernel").parameter("bias", {out}, init::zeros())) {}

  Tensor operator()(const Tensor& x) const {
    const Tensor weight = weight_.unflatten(1, {kernel_, -1}).transpose(1, 2);
    return at::relu(
               at::conv1d(x.transpose(1, 2), weight, bias_, /*stride=*/1, /*padding=*/at::IntArrayRef{0}, dilation_))
        .transpose(1, 2);
  }

  /// Frames that its output has fewer than its input.
  int64_t context() const { return (kernel_ - 1) * dilation_; }

 private:
  int64_t kernel_;
  int64_t dilation_;
  Tensor weight_;
  Tensor bias_;
};

std::vector<TimeDelayLayer> make_time_delay_layers(const BackboneConfig& config, const Scope& scope) {
  std::vector<TimeDelayLayer> layers;
  for (size_t i = 0; i < config.tdnn_dim.size(); ++i) {
    const int64_t in = config.tdnn_dim[i > 0 ? i - 1 : 0];
    layers.emplace_back(in, config.tdnn_dim[i], config.tdnn_kernel[i], config.tdnn_dilation[i],
                        scope / static_cast<int64_t>(i));
  }
  return layers;
}

/// [..., T, N] -> [..., 2 N].
Tensor mean_and_deviation(const Tensor& x) { return at::cat({x.mean(-2), x.std(-2)}, -1); }

class XVectorHead : public Head {
 public:
  XVectorHead(const HeadOptions& options, const BackboneConfig& config, int64_t outputs, const Scope& scope)
      : projector_(config.hidden_size, config.tdnn_dim.front(), scope / "projector"),
        time_delay_layers_(make_time_delay_layers(config, scope / "tdnn")),
        feature_extractor_(2 * config.tdnn_dim.back(), config.xvector_output_dim, scope / "feature_extractor"),
        classifier_(config.xvector_output_dim, config.xvector_output_dim, scope / "classifier"),
        class_vectors_(
            (scope / "objective").parameter("weight", {config.xvector_output_dim, outputs}, init::normal(1))),
        mix_(options, config, scope) {
    for (const TimeDelayLayer& layer : time_delay_layers_) min_frames_ += layer.context();
  }

  HeadOutput forward(const HiddenStates& states, bool /*training*/) const override {
    HeadOutput output;
    output.embedding = feature_extractor_(pool(states));
    output.logits = at::matmul(unit_vectors(classifier_(output.embedding), 1), unit_vectors(class_vectors_, 0));
    return output;
  }

  bool needs_all_layers() const override { return mix_.needs_all_layers(); }

 private:
  /// Statistics of each clip's own frames, [B, 2 N]. transformers forgets the dilation in the number of frames of a
  /// padded clip and takes some that see padding; here a padded batch equals single clips.
  Tensor pool(const HiddenStates& states) const {
    const Tensor x = projector_(mix_(states));
    const Tensor valid =
        states.frame_mask.defined() ? states.frame_mask.sum(1).cpu() : at::full({x.size(0)}, x.size(1), at::kLong);
    const Tensor y = through_layers(extend_short_clips(x, valid));
    const Tensor frames = valid.clamp_min(min_frames_) - (min_frames_ - kPooledFrames);
    std::vector<Tensor> clips;
    for (int64_t i = 0; i < y.size(0); ++i) {
      clips.push_back(mean_and_deviation(y[i].narrow(0, 0, frames[i].item<int64_t>())));
    }
    return at::stack(clips);
  }

  /// A clip that the layers cannot look around in goes on with its last frame until they can. x: [B, T, P].
  Tensor extend_short_clips(const Tensor& x, const Tensor& valid) const {
    const Tensor is_short = valid < min_frames_;
    if (!is_short.any().item<bool>()) return x;
    const int64_t frames = std::max(x.size(1), min_frames_);
    const Tensor last = at::where(is_short, valid, x.size(1)) - 1;
    const Tensor source = at::minimum(at::arange(frames, at::kLong).unsqueeze(0), last.unsqueeze(1)).to(x.device());
    return x.gather(1, source.unsqueeze(2).expand({-1, -1, x.size(2)}));
  }

  Tensor through_layers(Tensor x) const {
    for (const TimeDelayLayer& layer : time_delay_layers_) x = layer(x);
    return x;
  }

  TorchLinear projector_;
  std::vector<TimeDelayLayer> time_delay_layers_;
  TorchLinear feature_extractor_;
  TorchLinear classifier_;
  Tensor class_vectors_;
  LayerMix mix_;
  int64_t min_frames_ = kPooledFrames;  // that the layers need
};

}  // namespace

std::unique_ptr<Head> make_x_vector_head(const HeadOptions& options, const BackboneConfig& config, int64_t outputs,
                                         const Scope& scope) {
  const int64_t width = config.tdnn_dim.front();
  if (options.classifier_proj_size.value_or(width) != width) {
    fail_usage("--classifier_proj_size {}: the x-vector head's projector is as wide as the config's tdnn_dim: {}",
               *options.classifier_proj_size, width);
  }
  return std::make_unique<XVectorHead>(options, config, outputs, scope);
}

Tensor unit_vectors(const Tensor& x, int64_t dim) {
  return x / at::linalg_vector_norm(x, 2, dim, /*keepdim=*/true).clamp_min(kSmallestLength);
}

}  // namespace sure
