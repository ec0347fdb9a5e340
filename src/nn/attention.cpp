#include "nn/attention.h"

#include <ATen/ops/cat.h>

#include "fused/attention.h"
#include "fused/memory.h"

namespace sure {

SelfAttention::SelfAttention(const Scope& scope, int64_t size, int64_t heads, double dropout,
                             std::shared_ptr<const RelativePositions> relative)
    : k_proj_(default_linear(scope / "k_proj", size, size)),
      v_proj_(default_linear(scope / "v_proj", size, size)),
      q_proj_(default_linear(scope / "q_proj", size, size)),
      out_proj_(default_linear(scope / "out_proj", size, size)),
      heads_(heads),
      dropout_(dropout),
      relative_(std::move(relative)) {
  if (relative_) gate_.emplace(scope, heads, size / heads);
}

SelfAttention::Projected SelfAttention::project(const Tensor& x) const {
  const auto q = q_proj_.fusable(x), k = k_proj_.fusable(x), v = v_proj_.fusable(x);
  if (!q || !k || !v) return {q_proj_.forward(x), k_proj_.forward(x), v_proj_.forward(x)};
  const std::vector<Tensor> all = fused::linears(x, {*q, *k, *v});
  return {all[0], all[1], all[2]};
}

Tensor SelfAttention::forward(const Tensor& x, const Pass& pass) const {
  Projected p = project(x);
  Tensor mask = pass.frame_mask;  // [B, T]
  if (prefix_) {
    const auto [prefix_keys, prefix_values] = prefix_->forward(x.size(0), pass);
    p.keys = at::cat({prefix_keys.to(x.scalar_type()), p.keys}, 1);
    p.values = at::cat({prefix_values.to(x.scalar_type()), p.values}, 1);
    if (mask.defined()) mask = at::cat({mask.new_ones({x.size(0), prefix_keys.size(1)}), mask}, 1);
  }
  const Tensor lengths = mask.defined() ? mask.sum(1) : Tensor();  // padding is at the end
  const fused::RelativeBias bias =
      relative_ ? fused::RelativeBias{relative_->table(x.size(1)), gate_->forward(x)} : fused::RelativeBias{};
  return out_proj_.forward(
      fused::attention(p.queries, p.keys, p.values, heads_, lengths, dropout_, pass.training, bias));
}

void SelfAttention::quantise() {
  for (Linear* projection : {&k_proj_, &v_proj_, &q_proj_, &out_proj_}) projection->quantise();
}

void SelfAttention::add_sites(LayerSites& sites) {
  sites.prefix = &prefix_;
  sites.projections["attention.k_proj"] = k_proj_.site();
  sites.projections["attention.v_proj"] = v_proj_.site();
  sites.projections["attention.q_proj"] = q_proj_.site();
  sites.projections["attention.out_proj"] = out_proj_.site();
}

}  // namespace sure
