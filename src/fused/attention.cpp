#include "fused/attention.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>

#include <cmath>

#include "fused/memory.h"
#include "fused/record.h"

namespace sure::fused {

namespace {

kernels::Heads heads_of(const Tensor& x) { return {data_of(x), x.stride(0), x.stride(1)}; }

}  // namespace

Tensor attention(const Tensor& query, const Tensor& key, const Tensor& value, int64_t heads, const Tensor& key_lengths,
                 double rate, bool training) {
  const Tensor q = query.detach().contiguous(), k = key.detach().contiguous(), v = value.detach().contiguous();
  const Tensor lengths = key_lengths.defined() ? key_lengths.contiguous() : key_lengths;
  const Tensor out = at::empty_like(q);
  const Tensor log_sums = at::empty({q.size(0), heads, q.size(1)}, at::kFloat);

  kernels::Attention op;
  op.clips = q.size(0);
  op.heads = heads;
  op.width = q.size(2) / heads;
  op.queries = q.size(1);
  op.keys = k.size(1);
  op.key_lengths = lengths.defined() ? lengths.const_data_ptr<int64_t>() : nullptr;
  op.scale = 1 / std::sqrt(static_cast<float>(op.width));
  op.dropout = draw_dropout(rate, training);
  op.q = heads_of(q);
  op.k = heads_of(k);
  op.v = heads_of(v);
  op.out = mutable_data_of(out);
  op.log_sums = log_sums.mutable_data_ptr<float>();
  kernels_for(q).attention(op);

  // `op` points into what the other captures keep.
  const auto backward = [op, q, k, v, lengths, out, log_sums](const std::vector<Tensor>& gradients) {
    const Tensor d_out = gradients[0].contiguous();
    const Tensor dq = at::empty_like(q), dk = at::empty_like(k), dv = at::empty_like(v);
    kernels_for(q).attention_backward(
        {op, data_of(d_out), mutable_data_of(dq), mutable_data_of(dk), mutable_data_of(dv)});
    return std::vector<Tensor>{dq, dk, dv};
  };
  return record({query, key, value}, {out}, backward)[0];
}

}  // namespace sure::fused
