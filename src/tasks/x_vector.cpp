#include "tasks/x_vector.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/conv1d.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/stack.h>

#include <vector>

#include "core/error.h"
#include "tasks/head_layers.h"

namespace sure {

namespace {

constexpr double kSmallestLength = 1e-12;  // as torch.nn.functional.normalize
constexpr int64_t kPooledFrames = 2;       // the standard deviation of one frame is undefined

/// [B, T, in] -> [B, T - context, out]: a dilated convolution whose weight is that of a linear layer on the frames it
/// sees, [out, kernel · in].
class TimeDelayLayer {
 public:
  TimeDelayLayer(int64_t in, int64_t out, int64_t kernel, int64_t dilation, const Scope& scope)
      : kernel_(kernel), dilation_(dilation), linear_(kernel * in, out, scope / "kernel") {}

  Tensor operator()(const Tensor& x) const {
    const Tensor weight = linear_.weight.unflatten(1, {kernel_, -1}).transpose(1, 2);
    return at::relu(at::conv1d(x.transpose(1, 2), weight, linear_.bias, /*stride=*/1, /*padding=*/at::IntArrayRef{0},
                               dilation_))
        .transpose(1, 2);
  }

  /// Frames that its output has fewer than its input.
  int64_t context() const { return (kernel_ - 1) * dilation_; }

 private:
  int64_t kernel_;
  int64_t dilation_;
  TorchLinear linear_;
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

/// The fewest samples that make so many frames.
int64_t samples_for(int64_t frames, const BackboneConfig& config) {
  int64_t samples = frames;
  for (size_t i = config.conv_kernel.size(); i-- > 0;) {
    samples = (samples - 1) * config.conv_stride[i] + config.conv_kernel[i];
  }
  return samples;
}

class XVectorHead : public Head {
 public:
  XVectorHead(const HeadOptions& options, const BackboneConfig& config, int64_t outputs, const Scope& scope)
      : projector_(config.hidden_size, config.tdnn_dim.front(), scope / "projector"),
        time_delay_layers_(make_time_delay_layers(config, scope / "tdnn")),
        feature_extractor_(2 * config.tdnn_dim.back(), config.xvector_output_dim, scope / "feature_extractor"),
        classifier_(config.xvector_output_dim, config.xvector_output_dim, scope / "classifier"),
        class_vectors_(
            (scope / "objective").parameter("weight", {config.xvector_output_dim, outputs}, init::normal(1))),
        mix_(options, config, scope),
        sampling_rate_(config.sampling_rate) {
    for (const TimeDelayLayer& layer : time_delay_layers_) context_ += layer.context();
    min_samples_ = samples_for(context_ + kPooledFrames, config);
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
    if (!states.frame_mask.defined()) {
      require_context(x.size(1));
      return mean_and_deviation(through_layers(x));
    }
    const Tensor frames = states.frame_mask.sum(1).cpu();
    require_context(frames.min().item<int64_t>());
    const Tensor y = through_layers(x);
    std::vector<Tensor> clips;
    for (int64_t i = 0; i < y.size(0); ++i) {
      clips.push_back(mean_and_deviation(y[i].narrow(0, 0, frames[i].item<int64_t>() - context_)));
    }
    return at::stack(clips);
  }

  Tensor through_layers(Tensor x) const {
    for (const TimeDelayLayer& layer : time_delay_layers_) x = layer(x);
    return x;
  }

  void require_context(int64_t frames) const {
    if (frames >= context_ + kPooledFrames) return;
    fail("a clip has {} frames, but the x-vector head needs {} ({:.3f} s of audio): leave it out or make it longer",
         frames, context_ + kPooledFrames, static_cast<double>(min_samples_) / static_cast<double>(sampling_rate_));
  }

  TorchLinear projector_;
  std::vector<TimeDelayLayer> time_delay_layers_;
  TorchLinear feature_extractor_;
  TorchLinear classifier_;
  Tensor class_vectors_;
  LayerMix mix_;
  int64_t sampling_rate_;
  int64_t context_ = 0;
  int64_t min_samples_ = 0;
};

}  // namespace

std::unique_ptr<Head> make_x_vector_head(const HeadOptions& options, const BackboneConfig& config, int64_t outputs,
                                         const Scope& scope) {
  const int64_t width = config.tdnn_dim.front();
  if (options.classifier_proj_size > 0 && options.classifier_proj_size != width) {
    fail_usage("--classifier_proj_size {}: the x-vector head's projector is as wide as the config's tdnn_dim: {}",
               options.classifier_proj_size, width);
  }
  return std::make_unique<XVectorHead>(options, config, outputs, scope);
}

Tensor unit_vectors(const Tensor& x, int64_t dim) {
  return x / at::linalg_vector_norm(x, 2, dim, /*keepdim=*/true).clamp_min(kSmallestLength);
}

}  // namespace sure
