#include "nn/attention.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/scaled_dot_product_attention.h>

namespace sure {

SelfAttention::SelfAttention(const Scope& scope, int64_t size, int64_t heads, double dropout)
    : k_proj_(default_linear(scope / "k_proj", size, size)),
      v_proj_(default_linear(scope / "v_proj", size, size)),
      q_proj_(default_linear(scope / "q_proj", size, size)),
      out_proj_(default_linear(scope / "out_proj", size, size)),
      heads_(heads),
      dropout_(dropout) {}

Tensor SelfAttention::split_heads(const Tensor& x) const {
  return x.view({x.size(0), x.size(1), heads_, -1}).transpose(1, 2);  // [B, H, T, D / H]
}

Tensor SelfAttention::forward(const Tensor& x, const Pass& pass) const {
  Tensor keys = k_proj_.forward(x);
  Tensor values = v_proj_.forward(x);
  Tensor mask = pass.frame_mask;  // [B, T]
  if (prefix_) {
    const auto [prefix_keys, prefix_values] = prefix_->forward(x.size(0), pass);
    keys = at::cat({prefix_keys.to(x.scalar_type()), keys}, 1);
    values = at::cat({prefix_values.to(x.scalar_type()), values}, 1);
    if (mask.defined()) mask = at::cat({mask.new_ones({x.size(0), prefix_keys.size(1)}), mask}, 1);
  }
  const Tensor attended = at::scaled_dot_product_attention(
      split_heads(q_proj_.forward(x)), split_heads(keys), split_heads(values),
      mask.defined() ? std::optional(mask.unsqueeze(1).unsqueeze(1)) : std::nullopt, pass.training ? dropout_ : 0.0);
  return out_proj_.forward(attended.transpose(1, 2).reshape_as(x));
}

void SelfAttention::add_sites(LayerSites& sites) {
  sites.prefix = &prefix_;
  sites.projections["attention.k_proj"] = k_proj_.site();
  sites.projections["attention.v_proj"] = v_proj_.site();
  sites.projections["attention.q_proj"] = q_proj_.site();
  sites.projections["attention.out_proj"] = out_proj_.site();
}

}  // namespace sure
