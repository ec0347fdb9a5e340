#include "nn/attention.h"

#include <ATen/ops/cat.h>

#include "fused/attention.h"

namespace sure {

SelfAttention::SelfAttention(const Scope& scope, int64_t size, int64_t heads, double dropout,
                             std::shared_ptr<const RelativePositions> relative, bool with_bias)
    : k_proj_(default_linear(scope / "k_proj", size, size, with_bias)),
      v_proj_(default_linear(scope / "v_proj", size, size, with_bias)),
      q_proj_(default_linear(scope / "q_proj", size, size, with_bias)),
      out_proj_(default_linear(scope / "out_proj", size, size, with_bias)),
      heads_(heads),
      dropout_(dropout),
      relative_(std::move(relative)),
      prefix_((scope / "prefix").site(SiteKind::kPrefix, size, size)) {
  if (relative_) gate_.emplace(scope, heads, size / heads);
}

/// `inputs`: queries, keys and values, [B, T, D], and the gate of a bias by distance or an undefined tensor.
Tensor SelfAttention::attend(const std::vector<Tensor>& inputs, const AttentionPrefix* prefix,
                             const ForwardContext& context) const {
  const Tensor &queries = inputs[0], &gate = inputs[3];
  Tensor keys = inputs[1], values = inputs[2], mask = context.frame_mask;  // [B, T]
  if (prefix != nullptr) {
    const auto [prefix_keys, prefix_values] = prefix->forward(keys.size(0), context);
    keys = at::cat({prefix_keys.to(keys.scalar_type()), keys}, 1);
    values = at::cat({prefix_values.to(values.scalar_type()), values}, 1);
    if (mask.defined()) mask = at::cat({mask.new_ones({keys.size(0), prefix_keys.size(1)}), mask}, 1);
  }
  const Tensor lengths = mask.defined() ? mask.sum(1) : Tensor();  // padding is at the end
  const fused::RelativeBias bias =
      relative_ ? fused::RelativeBias{relative_->table(queries.size(1)), gate} : fused::RelativeBias{};
  return fused::attention(queries, keys, values, heads_, lengths, dropout_, context.training, bias);
}

Tensor SelfAttention::forward(const Tensor& x, const ForwardContext& context) const {
  std::vector<Tensor> inputs = forward_all({&q_proj_, &k_proj_, &v_proj_}, x, context);
  inputs.push_back(gate_ ? gate_->forward(x) : Tensor());
  const Tensor attended = attend_by_prefix(
      context, prefix_, inputs, [&](const AttentionPrefix* prefix, const ForwardContext& local, const auto& rows) {
        return attend(rows, prefix, local);
      });
  return out_proj_.forward(attended, context);
}

void SelfAttention::quantise() {
  for (Linear* projection : {&k_proj_, &v_proj_, &q_proj_, &out_proj_}) projection->quantise();
}

}  // namespace sure
