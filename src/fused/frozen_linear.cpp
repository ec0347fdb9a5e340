#include "fused/frozen_linear.h"

#include <ATen/ops/empty.h>

#include <utility>

#include "fused/memory.h"
#include "fused/record.h"

namespace sure::fused {

namespace {

using kernels::Product;
using kernels::SumOfProducts;

/// A layer as the products read it.
struct Weights {
  explicit Weights(const FrozenLinear& layer) : weight(layer.weight.contiguous()) {
    if (layer.bias.defined()) bias = layer.bias.to(at::kFloat).contiguous();
    const LowRankUpdate& update = layer.update;
    if (!update.a.defined()) return;
    a = update.a.detach().to(at::kBFloat16).contiguous();
    b = (update.b.detach() * update.scaling).to(at::kBFloat16).contiguous();
    scaling = static_cast<float>(update.scaling);
  }

  bool has_update() const { return a.defined(); }
  int64_t in() const { return weight.size(1); }
  int64_t out() const { return weight.size(0); }
  int64_t rank() const { return a.size(0); }

  Tensor weight;
  Tensor bias;  // fp32
  Tensor a;
  Tensor b;  // times scaling
  float scaling = 0;
};

Tensor new_matrix(int64_t rows, int64_t columns) { return at::empty({rows, columns}, at::kBFloat16); }

/// x Wᵀ
Product by_rows(const Tensor& x, const Tensor& weight) {
  return {data_of(x), x.size(1), data_of(weight), weight.size(1), weight.size(1), true};
}

/// x W
Product by_columns(const Tensor& x, const Tensor& weight) {
  return {data_of(x), x.size(1), data_of(weight), weight.size(1), weight.size(0), false};
}

SumOfProducts sum_of(const Tensor& result, const std::vector<Product>& terms) {
  return {result.size(0), result.size(1), terms.data(), static_cast<int>(terms.size())};
}

kernels::Target whole(const Tensor& x) { return {mutable_data_of(x), x.size(1)}; }

Tensor multiply(int64_t rows, int64_t columns, const std::vector<Product>& terms, const Tensor& bias = {}) {
  const Tensor result = new_matrix(rows, columns);
  kernels::bf16_kernels()->multiply_bias(sum_of(result, terms), floats_of(bias), whole(result));
  return result;
}

/// factor · vᵀ x, fp32: [rows, r] and [rows, columns] -> [r, columns].
Tensor multiply_transposed(const Tensor& v, const Tensor& x, float factor) {
  const int64_t rows = v.size(0), rank = v.size(1);
  const Tensor pairs = at::empty({kernels::packed_pairs_size(rows, rank)}, at::kBFloat16);
  const kernels::Bf16Kernels& k = *kernels::bf16_kernels();
  k.pack_pairs(data_of(v), rank, rows, rank, mutable_data_of(pairs));
  const Product product = {
      data_of(pairs), 2, data_of(x), x.size(1), rows, false, 2 * kernels::packed_pairs_width(rank)};
  const Tensor result = at::empty({rank, x.size(1)}, at::kFloat);
  k.multiply_float({rank, x.size(1), &product, 1}, factor, result.mutable_data_ptr<float>(), x.size(1));
  return result;
}

/// What a layer's forward pass multiplies; fills in `low`, x Aᵀ, where there is an update.
std::vector<Product> forward_terms(const Weights& layer, const Tensor& x, Tensor& low) {
  std::vector<Product> terms = {by_rows(x, layer.weight)};
  if (layer.has_update()) {
    low = multiply(x.size(0), layer.rank(), {by_rows(x, layer.a)});
    terms.push_back(by_rows(low, layer.b));
  }
  return terms;
}

struct UpdateGradients {
  Tensor a;
  Tensor b;
};

/// Gradients of a layer's update, and onto `terms` what its input's gradient sums. `d_low` keeps what they refer to.
UpdateGradients backward_terms(const Weights& layer, const Tensor& x, const Tensor& low, const Tensor& dy,
                               std::vector<Product>& terms, std::vector<Tensor>& d_low) {
  terms.push_back(by_columns(dy, layer.weight));
  if (!layer.has_update()) return {};
  d_low.push_back(multiply(dy.size(0), layer.rank(), {by_columns(dy, layer.b)}));
  terms.push_back(by_columns(d_low.back(), layer.a));
  return {multiply_transposed(d_low.back(), x, 1), multiply_transposed(low, dy, layer.scaling).t()};
}

Tensor as_matrix(const Tensor& x) { return x.reshape({-1, x.size(-1)}).contiguous(); }

Tensor shaped_like(const Tensor& matrix, const Tensor& x) {
  std::vector<int64_t> sizes = x.sizes().vec();
  sizes.back() = matrix.size(1);
  return matrix.view(sizes);
}

bool even(int64_t size) { return size % 2 == 0; }

bool trains(const Tensor& x) { return x.defined() && x.requires_grad(); }

}  // namespace

bool can_fuse(const FrozenLinear& layer) {
  const Tensor& a = layer.update.a;
  return layer.weight.scalar_type() == at::kBFloat16 && !trains(layer.weight) && !trains(layer.bias) &&
         even(layer.weight.size(0)) && even(layer.weight.size(1)) && (!a.defined() || even(a.size(0)));
}

std::vector<Tensor> frozen_linears(const Tensor& x, const std::vector<FrozenLinear>& layers) {
  std::vector<Tensor> inputs = {x};
  for (const FrozenLinear& layer : layers) {
    inputs.push_back(layer.update.a);
    inputs.push_back(layer.update.b);
  }
  const Tensor rows = as_matrix(x.detach());
  std::vector<Weights> weights(layers.begin(), layers.end());
  std::vector<Tensor> low(layers.size()), outputs;
  for (size_t i = 0; i < layers.size(); ++i) {
    const std::vector<Product> terms = forward_terms(weights[i], rows, low[i]);
    outputs.push_back(shaped_like(multiply(rows.size(0), weights[i].out(), terms, weights[i].bias), x));
  }
  if (!needs_gradient(inputs)) return outputs;
  return record(inputs, outputs,
                [rows, weights = std::move(weights), low = std::move(low), sizes = x.sizes().vec(),
                 needs_dx = x.requires_grad()](const std::vector<Tensor>& gradients) {
                  std::vector<Product> terms;
                  std::vector<Tensor> kept, result = {Tensor()};
                  for (size_t i = 0; i < weights.size(); ++i) {
                    UpdateGradients update;
                    if (gradients[i].defined()) {
                      kept.push_back(as_matrix(gradients[i]));
                      const Tensor dy = kept.back();
                      update = backward_terms(weights[i], rows, low[i], dy, terms, kept);
                    }
                    result.push_back(update.a);
                    result.push_back(update.b);
                  }
                  if (needs_dx && !terms.empty()) result[0] = multiply(rows.size(0), rows.size(1), terms).view(sizes);
                  return result;
                });
}

Tensor frozen_feed_forward(const Tensor& x, const FrozenLinear& inner, const FrozenLinear& outer, double dropout,
                           bool training) {
  const std::vector<Tensor> inputs = {x, inner.update.a, inner.update.b, outer.update.a, outer.update.b};
  const bool keeps = needs_gradient(inputs);
  const Tensor rows = as_matrix(x.detach());
  const Weights first(inner), second(outer);
  const kernels::Bf16Kernels& k = *kernels::bf16_kernels();
  Tensor low_1, low_2;
  const std::vector<Product> terms = forward_terms(first, rows, low_1);
  const Tensor hidden = new_matrix(rows.size(0), first.out());
  const Tensor slope = keeps ? at::empty_like(hidden) : Tensor();
  k.multiply_gelu(sum_of(hidden, terms), floats_of(first.bias), draw_dropout(dropout, training), whole(hidden),
                  keeps ? mutable_data_of(slope) : nullptr);
  const std::vector<Product> outer_terms = forward_terms(second, hidden, low_2);
  const Tensor y = shaped_like(multiply(rows.size(0), second.out(), outer_terms, second.bias), x);
  if (!keeps) return y;
  // The update of the outer layer alone needs the hidden values again.
  const Tensor kept_hidden = second.has_update() ? hidden : Tensor();
  const auto backward = [rows, first, second, low_1, low_2, slope, kept_hidden, sizes = x.sizes().vec(),
                         needs_dx = x.requires_grad()](const std::vector<Tensor>& gradients) {
    const Tensor dy = as_matrix(gradients[0]);
    std::vector<Tensor> d_low;
    std::vector<Product> hidden_terms, input_terms;
    const UpdateGradients of_outer = backward_terms(second, kept_hidden, low_2, dy, hidden_terms, d_low);
    const Tensor d_inner = new_matrix(rows.size(0), first.out());
    kernels::bf16_kernels()->multiply_scale(sum_of(d_inner, hidden_terms), data_of(slope), whole(d_inner));
    const UpdateGradients of_inner = backward_terms(first, rows, low_1, d_inner, input_terms, d_low);
    const Tensor dx = needs_dx ? multiply(rows.size(0), rows.size(1), input_terms).view(sizes) : Tensor();
    return std::vector<Tensor>{dx, of_inner.a, of_inner.b, of_outer.a, of_outer.b};
  };
  return record(inputs, {y}, backward)[0];
}

}  // namespace sure::fused
