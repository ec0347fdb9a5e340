#include "fused/depthwise.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/conv1d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include "fused/memory.h"
#include "fused/record.h"

namespace sure::fused {

namespace {

/// The kernels' order: [2][K][inner] for down and up, [K][inner] for mid.
struct Taps {
  Tensor down;
  Tensor mid;
  Tensor up;
};

Taps to_kernels(const DepthwiseWeights& w) {
  const auto floats = [](const Tensor& x) { return x.detach().to(at::kFloat).contiguous(); };
  const int64_t inner = w.mid.size(0);
  return {floats(w.down.permute({1, 2, 0})), floats(w.mid.squeeze(1).t()),
          floats(w.up.view({inner, 2, -1}).permute({1, 2, 0}))};
}

DepthwiseWeights from_kernels(const Taps& t) {
  const int64_t inner = t.mid.size(1);
  return {t.down.permute({2, 0, 1}), t.mid.t().unsqueeze(1), t.up.permute({2, 0, 1}).reshape({2 * inner, 1, -1})};
}

/// [B, 2, C / 2], even channels first -> [B, C], and back.
Tensor interleaved(const Tensor& x) { return x.transpose(1, 2).reshape({x.size(0), -1}); }
Tensor halves(const Tensor& x) { return x.view({x.size(0), -1, 2}).transpose(1, 2).contiguous(); }

bool is_odd(int64_t taps) { return taps % 2 == 1 && taps <= kernels::kMaxDepthwiseTaps; }

bool can_fuse(const Tensor& x, const DepthwiseWeights& w) {
  return fused::can_fuse(x) && 2 * w.down.size(0) == x.size(2) && is_odd(w.down.size(2)) && is_odd(w.mid.size(2)) &&
         is_odd(w.up.size(2));
}

/// 1 before each clip's end, else 0: [B, 1, T] of x's type. Undefined where all frames are valid.
Tensor valid_frames(const Tensor& x, const Tensor& lengths) {
  if (!lengths.defined()) return {};
  const Tensor frames = at::arange(x.size(1), lengths.options());
  return (frames < lengths.unsqueeze(1)).unsqueeze(1).to(x.scalar_type());
}

DepthwiseResult plain_chain(const Tensor& x, const DepthwiseWeights& w, const Tensor& lengths) {
  const Tensor mask = valid_frames(x, lengths);
  const auto valid = [&](const Tensor& t) { return mask.defined() ? t * mask : t; };  // [B, C, T]
  const auto convolve = [&](const Tensor& t, const Tensor& weight) {
    return at::conv1d(valid(t), weight.to(x.scalar_type()), {}, 1, weight.size(2) / 2, 1, w.mid.size(0));
  };
  const Tensor inner = at::relu(convolve(x.transpose(1, 2), w.down));
  const Tensor y = valid(convolve(convolve(inner, w.mid), w.up));
  return {y.transpose(1, 2), mask.defined() ? y.sum(2) / mask.sum(2) : y.mean(2)};
}

}  // namespace

DepthwiseResult depthwise_chain(const Tensor& x, const DepthwiseWeights& weights, const Tensor& lengths) {
  if (!can_fuse(x, weights)) return plain_chain(x, weights, lengths);
  const Tensor rows = x.detach().contiguous(), frames = lengths.defined() ? lengths.contiguous() : lengths;
  const Taps taps = to_kernels(weights);
  kernels::DepthwiseChain op;
  op.clips = x.size(0);
  op.frames = x.size(1);
  op.inner = x.size(2) / 2;
  op.lengths = frames.defined() ? frames.const_data_ptr<int64_t>() : nullptr;
  op.x = data_of(rows);
  op.down_taps = taps.down.size(1);
  op.mid_taps = taps.mid.size(0);
  op.up_taps = taps.up.size(1);
  op.down = floats_of(taps.down);
  op.mid = floats_of(taps.mid);
  op.up = floats_of(taps.up);
  const Tensor y = at::empty_like(rows), mean = at::empty({op.clips, 2, op.inner}, at::kFloat);
  op.y = mutable_data_of(y);
  op.mean = mean.mutable_data_ptr<float>();
  kernels_for(rows).depthwise_chain(op);

  // `op` points into what the other captures keep.
  const auto backward = [op, rows, frames, taps](const std::vector<Tensor>& gradients) {
    const Tensor dy = gradients[0].defined() ? gradients[0].contiguous() : at::zeros_like(rows);
    const Tensor d_mean =
        gradients[1].defined() ? halves(gradients[1]) : at::zeros({op.clips, 2, op.inner}, at::kFloat);
    const Tensor dx = at::empty_like(rows);
    const Taps d_taps = {at::zeros_like(taps.down), at::zeros_like(taps.mid), at::zeros_like(taps.up)};
    kernels_for(rows).depthwise_chain_backward(
        {op, data_of(dy), floats_of(d_mean), mutable_data_of(dx), d_taps.down.mutable_data_ptr<float>(),
         d_taps.mid.mutable_data_ptr<float>(), d_taps.up.mutable_data_ptr<float>()});
    const DepthwiseWeights d_weights = from_kernels(d_taps);
    return std::vector<Tensor>{dx, d_weights.down, d_weights.mid, d_weights.up};
  };
  const std::vector<Tensor> outputs =
      record({x, weights.down, weights.mid, weights.up}, {y, interleaved(mean)}, backward);
  return {outputs[0], outputs[1]};
}

}  // namespace sure::fused
