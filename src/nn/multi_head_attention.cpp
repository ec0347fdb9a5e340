#include "nn/multi_head_attention.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/softmax.h>

#include <cmath>
#include <limits>

#include "fused/residual.h"

namespace sure {

namespace {

constexpr double kPositionSpread = 1;  // as torch.nn.Embedding's default

/// Of scores by distance [B, heads, T, 2 T - 1], those by key [B, heads, T, T].
Tensor by_key(const Tensor& by_distance) {
  const int64_t length = by_distance.size(2);
  const Tensor steps = at::arange(length, by_distance.options().dtype(at::kLong));
  const Tensor index = steps.unsqueeze(1) - steps.unsqueeze(0) + (length - 1);  // [T, T]
  return by_distance.gather(3, index.expand({by_distance.size(0), by_distance.size(1), length, length}));
}

}  // namespace

RelativeKeys::RelativeKeys(const Scope& scope, int64_t max_distance, int64_t width)
    : weight_((scope / "pe_k").parameter("weight", {2 * max_distance, width}, init::normal(kPositionSpread))),
      max_distance_(max_distance) {}

Tensor RelativeKeys::rows(int64_t length) const {
  const Tensor distances = at::arange(1 - length, length, weight_.options().dtype(at::kLong).requires_grad(false));
  return weight_.index_select(0, distances.clamp(-max_distance_, max_distance_ - 1) + max_distance_);
}

MultiHeadAttention::MultiHeadAttention(const Scope& scope, Kind kind, int64_t size, int64_t heads, double dropout)
    : k_proj_(default_linear(scope / "k_proj", size, size)),
      v_proj_(default_linear(scope / "v_proj", size, size)),
      q_proj_(default_linear(scope / "q_proj", size, size)),
      out_proj_(default_linear(scope / "out_proj", size, size)),
      heads_(heads),
      dropout_(dropout) {
  if (kind == Kind::own) prefix_ = (scope / "prefix").site(SiteKind::kPrefix, size, size);
}

/// [B, T, D] -> [B, heads, T, width].
Tensor MultiHeadAttention::split_heads(const Tensor& x) const {
  return x.view({x.size(0), x.size(1), heads_, -1}).transpose(1, 2);
}

MultiHeadAttention::KeysAndValues MultiHeadAttention::keys_and_values(const Tensor& x, const Context& context,
                                                                      const ForwardContext& pass) const {
  AttentionCache* cache = context.cache;
  const bool is_known = cache != nullptr && cache->keys.defined();
  if (is_known && context.states.defined()) return {cache->keys, cache->values};
  const Tensor& states = context.states.defined() ? context.states : x;
  KeysAndValues kv = {split_heads(k_proj_.forward(states, pass)), split_heads(v_proj_.forward(states, pass))};
  if (cache == nullptr) return kv;
  if (is_known) kv = {at::cat({cache->keys, kv.keys}, 2), at::cat({cache->values, kv.values}, 2)};
  *cache = {kv.keys, kv.values};
  return kv;
}

Tensor MultiHeadAttention::scores(const Tensor& queries, const Tensor& keys, const Tensor& mask,
                                  const Context& context) const {
  Tensor scores = at::matmul(queries, keys.transpose(2, 3));
  if (context.positions != nullptr) {
    const Tensor rows = context.positions->rows(queries.size(2)).to(queries.scalar_type());
    scores = scores + by_key(at::matmul(queries, rows.t()));
  }
  constexpr double kNever = -std::numeric_limits<double>::infinity();
  if (context.causal && queries.size(2) > 1) {
    const Tensor later = at::full({queries.size(2), keys.size(2)}, true, scores.options().dtype(at::kBool))
                             .triu(keys.size(2) - queries.size(2) + 1);
    scores = scores.masked_fill(later, kNever);
  }
  if (mask.defined()) {
    scores = scores.masked_fill(mask.logical_not().unsqueeze(1).unsqueeze(1), kNever);
  }
  return scores;
}

/// `inputs`: queries, keys and values, [B, heads, …, width], and the mask of the keys or an undefined tensor.
Tensor MultiHeadAttention::attend(const std::vector<Tensor>& inputs, const AttentionPrefix* prefix,
                                  const Context& context, const ForwardContext& pass) const {
  const Tensor &queries = inputs[0], &keys = inputs[1];
  Tensor values = inputs[2], all_scores = scores(queries, keys, inputs[3], context);
  if (prefix != nullptr) {
    const auto [prefix_keys, prefix_values] = prefix->forward(queries.size(0), pass);
    const Tensor more = split_heads(prefix_keys.to(queries.scalar_type()));
    all_scores = at::cat({at::matmul(queries, more.transpose(2, 3)), all_scores}, 3);
    values = at::cat({split_heads(prefix_values.to(queries.scalar_type())), values}, 2);
  }
  const Tensor weights = at::softmax(all_scores, 3);
  if (context.weights != nullptr) *context.weights = weights;
  return at::matmul(fused::dropout(weights, dropout_, pass.training), values);
}

Tensor MultiHeadAttention::forward(const Tensor& x, const Context& context, const ForwardContext& pass) const {
  const int64_t width = x.size(2) / heads_;
  const double scale = 1 / std::sqrt(static_cast<double>(width));
  const Tensor queries = split_heads(q_proj_.forward(x, pass)) * scale;
  const KeysAndValues kv = keys_and_values(x, context, pass);
  const std::vector<Tensor> inputs = {queries, kv.keys, kv.values, context.mask};
  const Tensor mixed = attend_by_prefix(
      pass, prefix_, inputs, [&](const AttentionPrefix* prefix, const ForwardContext& local, const auto& rows) {
        return attend(rows, prefix, context, local);
      });
  return out_proj_.forward(mixed.transpose(1, 2).reshape(x.sizes()), pass);
}

void MultiHeadAttention::quantise() {
  for (Linear* projection : {&k_proj_, &v_proj_, &q_proj_, &out_proj_}) projection->quantise();
}

}  // namespace sure
