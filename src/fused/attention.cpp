#include "fused/attention.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <limits>
#include <optional>

#include "fused/memory.h"
#include "fused/record.h"

namespace sure::fused {

namespace {

kernels::Heads heads_of(const Tensor& x) { return {data_of(x), x.stride(0), x.stride(1)}; }

bool has_kernel(const Tensor& q, int64_t heads) { return can_fuse(q) && q.size(2) / heads % 2 == 0; }

Tensor split_heads(const Tensor& x, int64_t heads) {
  return x.view({x.size(0), x.size(1), heads, -1}).transpose(1, 2);  // [B, H, T, D / H]
}

/// [B, H, T, keys]: all of it in memory.
Tensor materialise(const RelativeBias& bias, int64_t keys) {
  const int64_t frames = bias.gate.size(2);
  const Tensor by_distance = bias.table.unfold(1, frames, 1).flip(1);  // [H, T, T]
  return at::constant_pad_nd(bias.gate.unsqueeze(3) * by_distance, {keys - frames, 0});
}

/// What ATen adds to the scores, or true where a key is valid; none: nothing.
std::optional<Tensor> aten_mask(const Tensor& q, int64_t keys, const Tensor& key_lengths, const RelativeBias& bias) {
  Tensor valid;  // [B, 1, 1, keys]
  if (key_lengths.defined()) {
    valid = at::arange(keys, key_lengths.options()).lt(key_lengths.unsqueeze(1)).unsqueeze(1).unsqueeze(1);
  }
  if (!bias.table.defined()) return valid.defined() ? std::optional(valid) : std::nullopt;
  Tensor added = materialise(bias, keys);
  if (valid.defined()) added = added.masked_fill(valid.logical_not(), -std::numeric_limits<double>::infinity());
  return added.to(q.scalar_type());
}

Tensor aten_attention(const Tensor& q, const Tensor& k, const Tensor& v, int64_t heads, const Tensor& key_lengths,
                      double dropout, const RelativeBias& bias) {
  return at::scaled_dot_product_attention(split_heads(q, heads), split_heads(k, heads), split_heads(v, heads),
                                          aten_mask(q, k.size(1), key_lengths, bias), dropout)
      .transpose(1, 2)
      .reshape_as(q);
}

}  // namespace

Tensor attention(const Tensor& query, const Tensor& key, const Tensor& value, int64_t heads, const Tensor& key_lengths,
                 double rate, bool training, const RelativeBias& bias) {
  if (!has_kernel(query, heads)) {
    return aten_attention(query, key, value, heads, key_lengths, training ? rate : 0, bias);
  }
  const Tensor q = query.detach().contiguous(), k = key.detach().contiguous(), v = value.detach().contiguous();
  const Tensor lengths = key_lengths.defined() ? key_lengths.contiguous() : key_lengths;
  const bool biased = bias.table.defined();
  const Tensor table = biased ? bias.table.detach().contiguous() : bias.table;
  const Tensor gate = biased ? bias.gate.detach().contiguous() : bias.gate;
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
  op.dropout = draw_dropout(rate, training, op.clips * op.heads * op.queries * op.keys);
  if (biased) op.bias = {table.const_data_ptr<float>(), gate.const_data_ptr<float>()};
  op.q = heads_of(q);
  op.k = heads_of(k);
  op.v = heads_of(v);
  op.out = mutable_data_of(out);
  op.log_sums = log_sums.mutable_data_ptr<float>();
  kernels_for(q).attention(op);

  // `op` points into what the other captures keep.
  const bool table_trains = biased && bias.table.requires_grad(), gate_trains = biased && bias.gate.requires_grad();
  const auto backward = [op, q, k, v, lengths, table, gate, table_trains, gate_trains, out,
                         log_sums](const std::vector<Tensor>& gradients) {
    const Tensor d_out = gradients[0].contiguous();
    const Tensor dq = at::empty_like(q), dk = at::empty_like(k), dv = at::empty_like(v);
    kernels::AttentionBackward back = {op, data_of(d_out), mutable_data_of(dq), mutable_data_of(dk),
                                       mutable_data_of(dv)};
    Tensor d_gate, d_tables;
    if (gate_trains) {
      d_gate = at::empty_like(gate);
      back.d_gate = d_gate.mutable_data_ptr<float>();
    }
    if (table_trains) {
      d_tables = at::zeros({op.clips, op.heads, table.size(1)}, table.options());
      back.d_table = d_tables.mutable_data_ptr<float>();
    }
    kernels_for(q).attention_backward(back);
    return std::vector<Tensor>{dq, dk, dv, table_trains ? d_tables.sum(0) : Tensor(), d_gate};
  };
  return record({query, key, value, bias.table, bias.gate}, {out}, backward)[0];
}

}  // namespace sure::fused
