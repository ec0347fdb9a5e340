#include "fused/residual.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include "core/batch_rows.h"
#include "fused/libtorch_norm.h"
#include "fused/memory.h"
#include "fused/record.h"
#include "kernels/parallel.h"

namespace sure::fused {

namespace {

Tensor contiguous_or_undefined(const Tensor& x) { return x.defined() ? x.contiguous() : x; }

AddNormResult plain_add_norm(const Tensor& x, const Tensor& y, double rate, bool training, const Tensor& weight,
                             const Tensor& bias, double eps) {
  const auto type = x.scalar_type();
  const Tensor sum = y.defined() ? x + dropout_of_rows(y, rate, training) : x;
  return {sum, layer_norm(sum, weight.to(type), bias.to(type), eps)};
}

}  // namespace

AddNormResult add_norm(const Tensor& x, const Tensor& y, double rate, bool training, const Tensor& weight,
                       const Tensor& bias, double eps) {
  if (!can_fuse(x)) return plain_add_norm(x, y, rate, training, weight, bias, eps);
  const std::vector<Tensor> inputs = {x, y, weight, bias};
  const bool keeps = needs_gradient(inputs);
  const Tensor rows = x.detach().contiguous(), addend = contiguous_or_undefined(y.defined() ? y.detach() : y);
  const Tensor scale = weight.detach().to(at::kFloat).contiguous(), shift = bias.detach().to(at::kFloat).contiguous();
  const int64_t columns = x.size(-1), count = x.numel() / columns;
  const Tensor sum = addend.defined() ? at::empty_like(rows) : Tensor(), normed = at::empty_like(rows);
  const Tensor statistics = keeps ? at::empty({count, 2}, at::kFloat) : Tensor();

  kernels::AddNorm op = {count, columns, data_of(rows), data_of(addend), draw_dropout(rate, training, x.numel())};
  op.weight = floats_of(scale);
  op.bias = floats_of(shift);
  op.eps = static_cast<float>(eps);
  op.sum = mutable_data_of(sum);
  op.normed = mutable_data_of(normed);
  op.statistics = keeps ? statistics.mutable_data_ptr<float>() : nullptr;
  kernels_for(rows).add_norm(op);
  if (!keeps) return {addend.defined() ? sum : x, normed};

  const auto backward =
      [kept = addend.defined() ? sum : rows, statistics, scale, mask = op.dropout, has_y = addend.defined(),
       trains = weight.requires_grad() || bias.requires_grad()](const std::vector<Tensor>& gradients) {
        const Tensor d_normed = gradients[0].defined() ? gradients[0].contiguous() : at::zeros_like(kept);
        const Tensor d_sum = has_y ? contiguous_or_undefined(gradients[1]) : Tensor();
        const Tensor dx = at::empty_like(kept);
        const Tensor dy = !has_y ? Tensor() : mask.rate > 0 ? at::empty_like(kept) : dx;
        const int64_t width = kept.size(-1);
        kernels::AddNormBackward back = {kept.numel() / width, width, data_of(kept), floats_of(statistics)};
        back.weight = floats_of(scale);
        back.dropout = mask;
        back.d_normed = data_of(d_normed);
        back.d_sum = data_of(d_sum);
        back.dx = mutable_data_of(dx);
        back.dy = mutable_data_of(dy);
        back.parts = kernels::threads();
        const Tensor shares = trains ? at::zeros({back.parts, 2, width}, at::kFloat) : Tensor();
        back.d_norm = trains ? shares.mutable_data_ptr<float>() : nullptr;
        kernels_for(kept).add_norm_backward(back);
        const Tensor d_norm = trains ? shares.sum(0) : Tensor();  // [2, D]
        return std::vector<Tensor>{dx, dy, trains ? d_norm[0] : d_norm, trains ? d_norm[1] : d_norm};
      };
  if (!addend.defined()) return {x, record(inputs, {normed}, backward)[0]};
  const std::vector<Tensor> outputs = record(inputs, {normed, sum}, backward);
  return {outputs[1], outputs[0]};
}

Tensor dropout(const Tensor& x, double rate, bool training) {
  if (!can_fuse(x)) return dropout_of_rows(x, rate, training);
  const kernels::DropoutMask mask = draw_dropout(rate, training, x.numel());
  if (mask.rate == 0) return x;
  const auto run = [mask](const Tensor& from) {
    const Tensor contiguous = from.contiguous(), to = at::empty_like(contiguous);
    kernels_for(to).dropout(data_of(contiguous), contiguous.numel(), mask, mutable_data_of(to));
    return to;
  };
  const auto backward = [run](const std::vector<Tensor>& gradients) { return std::vector<Tensor>{run(gradients[0])}; };
  return record({x}, {run(x.detach())}, backward)[0];
}

}  // namespace sure::fused
