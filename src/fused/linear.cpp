#include "fused/linear.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/sum.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "fused/memory.h"
#include "fused/quantise.h"
#include "fused/record.h"
#include "fused/residual.h"

namespace sure::fused {

namespace {

using kernels::Product;
using kernels::QuantisedProduct;
using kernels::SumOfProducts;

/// A layer as the products read it.
struct Weights {
  Weights(const LinearLayer& layer, at::ScalarType type)
      : weight(layer.scales.defined() ? layer.weight : layer.weight.detach().to(type).contiguous()),
        scales(layer.scales),
        trains_weight(layer.weight.requires_grad()),
        trains_bias(layer.bias.defined() && layer.bias.requires_grad()) {
    if (layer.bias.defined()) bias = layer.bias.detach().to(at::kFloat).contiguous();
    const LowRankUpdate& update = layer.update;
    if (!update.a.defined()) return;
    a = update.a.detach().to(type).contiguous();
    b = (update.b.detach() * update.scaling).to(type).contiguous();
    scaling = static_cast<float>(update.scaling);
    if (update.mask.defined()) mask = update.mask.to(type);
  }

  bool has_update() const { return a.defined(); }
  bool is_quantised() const { return scales.defined(); }
  bool needs_input() const { return has_update() || trains_weight; }
  int64_t in() const { return weight.size(1); }
  int64_t out() const { return weight.size(0); }
  int64_t rank() const { return a.size(0); }

  Tensor weight;
  Tensor scales;  // of an int8 weight
  Tensor bias;    // fp32
  Tensor a;
  Tensor b;     // times scaling
  Tensor mask;  // of x Aᵀ, [B, r]
  float scaling = 0;
  bool trains_weight;
  bool trains_bias;
};

Tensor new_matrix(const Tensor& like, int64_t columns) { return at::empty({like.size(0), columns}, like.options()); }

/// x Wᵀ
Product by_rows(const Tensor& x, const Tensor& weight) {
  return {data_of(x), x.size(1), data_of(weight), weight.size(1), weight.size(1), true};
}

/// x W
Product by_columns(const Tensor& x, const Tensor& weight) {
  return {data_of(x), x.size(1), data_of(weight), weight.size(1), weight.size(0), false};
}

/// x Wᵀ in 8 bits.
QuantisedProduct by_rows(const Quantised& x, const Weights& layer) {
  QuantisedProduct product = product_of(x, layer.weight);
  product.b_scales = floats_of(layer.scales);
  product.b_is_transposed = true;
  return product;
}

/// x W in 8 bits, where x has the scales of W's rows in it.
QuantisedProduct by_columns(const Quantised& x, const Weights& layer) { return product_of(x, layer.weight); }

struct Terms {
  std::vector<Product> products;
  std::vector<QuantisedProduct> quantised = {};
};

SumOfProducts sum_of(const Tensor& result, const Terms& terms) {
  SumOfProducts sum = {result.size(0), result.size(1), terms.products.data(), static_cast<int>(terms.products.size())};
  sum.quantised = terms.quantised.data();
  sum.quantised_count = static_cast<int>(terms.quantised.size());
  return sum;
}

kernels::Target whole(const Tensor& x) { return {mutable_data_of(x), x.size(1)}; }

/// [rows of `like`, columns]
Tensor multiply(const Tensor& like, int64_t columns, const Terms& terms, const Tensor& bias = {}) {
  const Tensor result = new_matrix(like, columns);
  kernels_for(like).multiply_bias(sum_of(result, terms), floats_of(bias), whole(result));
  return result;
}

/// factor · vᵀ x, fp32: [rows, r] and [rows, columns] -> [r, columns].
Tensor multiply_transposed(const Tensor& v, const Tensor& x, float factor) {
  const int64_t rows = v.size(0), rank = v.size(1);
  const Tensor packed = at::empty({kernels::packed_size(rows, rank)}, v.options());
  const kernels::Kernels& k = kernels_for(v);
  Product product = k.pack_a(data_of(v), rank, rows, rank, mutable_data_of(packed));
  product.b = data_of(x);
  product.b_stride = x.size(1);
  const Tensor result = at::empty({rank, x.size(1)}, at::kFloat);
  k.multiply_float({rank, x.size(1), &product, 1}, factor, result.mutable_data_ptr<float>(), x.size(1));
  return result;
}

/// What layers multiply, also in 8 bits where a layer's weight is.
struct Input {
  Input(Tensor matrix, bool quantised) : x(std::move(matrix)) {
    if (quantised) bytes = quantise_rows(x);
  }

  Tensor x;
  Quantised bytes;
};

/// x Aᵀ of all rows, or its gradient, where each clip has columns of its own: low [rows, r], in place.
void mask_columns(const Tensor& low, const Tensor& mask) {
  if (mask.defined()) low.view({mask.size(0), -1, low.size(1)}).mul_(mask.unsqueeze(1));
}

/// What a layer's forward pass multiplies; fills in `low`, x Aᵀ, where there is an update.
Terms forward_terms(const Weights& layer, const Input& input, Tensor& low) {
  Terms terms;
  if (layer.is_quantised()) {
    terms.quantised.push_back(by_rows(input.bytes, layer));
  } else {
    terms.products.push_back(by_rows(input.x, layer.weight));
  }
  if (layer.has_update()) {
    low = multiply(input.x, layer.rank(), {{by_rows(input.x, layer.a)}});
    mask_columns(low, layer.mask);
    terms.products.push_back(by_rows(low, layer.b));
  }
  return terms;
}

/// Of what trains in a layer; undefined for what does not.
struct Gradients {
  Tensor weight;
  Tensor bias;
  Tensor a;
  Tensor b;

  void append_to(std::vector<Tensor>& all) const { all.insert(all.end(), {weight, bias, a, b}); }
};

void append_parameters(const LinearLayer& layer, std::vector<Tensor>& all) {
  all.insert(all.end(), {layer.weight, layer.bias, layer.update.a, layer.update.b});
}

/// dy W, onto `terms`; `kept` holds what they refer to.
void add_input_gradient(const Weights& layer, const Tensor& dy, Terms& terms, std::vector<Tensor>& kept) {
  if (!layer.is_quantised()) {
    terms.products.push_back(by_columns(dy, layer.weight));
    return;
  }
  const Quantised bytes = quantise_rows(dy, layer.scales);
  kept.insert(kept.end(), {bytes.values, bytes.scales});
  terms.quantised.push_back(by_columns(bytes, layer));
}

/// A layer's gradients, and onto `terms` what its input's gradient sums, if it needs one.
Gradients backward_terms(const Weights& layer, const Tensor& x, const Tensor& low, const Tensor& dy, bool needs_dx,
                         Terms& terms, std::vector<Tensor>& kept) {
  Gradients gradients;
  if (needs_dx) add_input_gradient(layer, dy, terms, kept);
  if (layer.trains_weight) gradients.weight = multiply_transposed(dy, x, 1);
  if (layer.trains_bias) gradients.bias = at::sum(dy, at::IntArrayRef{0}, /*keepdim=*/false, at::kFloat);
  if (!layer.has_update()) return gradients;
  const Tensor d_low = multiply(dy, layer.rank(), {{by_columns(dy, layer.b)}});
  mask_columns(d_low, layer.mask);
  kept.push_back(d_low);
  terms.products.push_back(by_columns(d_low, layer.a));
  gradients.a = multiply_transposed(d_low, x, 1);
  gradients.b = multiply_transposed(low, dy, layer.scaling).t();
  return gradients;
}

Tensor as_matrix(const Tensor& x) { return x.reshape({-1, x.size(-1)}).contiguous(); }

Tensor shaped_like(const Tensor& matrix, const Tensor& x) {
  std::vector<int64_t> sizes = x.sizes().vec();
  sizes.back() = matrix.size(1);
  return matrix.view(sizes);
}

bool even(int64_t size) { return size % 2 == 0; }

/// A decoder's next step of each clip, [B, 1, in]: the kernels lay a weight out anew for each product, which takes
/// longer than one of so few rows. A weight in 8 bits would first have to become one of 32.
bool is_too_little(const Tensor& x, const LinearLayer& layer) {
  return x.dim() == 3 && x.size(1) == 1 && !layer.scales.defined();
}

bool has_kernel(const Tensor& x, const LinearLayer& layer) {
  return can_fuse(x) && can_fuse(layer, x.scalar_type()) && !is_too_little(x, layer);
}

Tensor plain_linear(const Tensor& x, const LinearLayer& layer) {
  const auto type = x.scalar_type();
  const Tensor weight = layer.scales.defined() ? dequantise(layer.weight, layer.scales, type) : layer.weight.to(type);
  return at::linear(x, weight, layer.bias.defined() ? layer.bias.to(type) : layer.bias);
}

/// [..., out], of ATen's operations.
Tensor update_of(const Tensor& x, const LowRankUpdate& update) {
  const auto type = x.scalar_type();
  Tensor low = at::linear(x, update.a.to(type));
  if (update.mask.defined())
    low = (low.view({update.mask.size(0), -1, low.size(-1)}) * update.mask.to(type).unsqueeze(1)).view_as(low);
  return at::linear(low, update.b.to(type)) * update.scaling;
}

std::vector<Tensor> kernel_linears(const Tensor& x, const std::vector<LinearLayer>& layers) {
  std::vector<Tensor> inputs = {x};
  for (const LinearLayer& layer : layers) append_parameters(layer, inputs);
  const Tensor rows = as_matrix(x.detach());
  std::vector<Weights> weights;
  for (const LinearLayer& layer : layers) weights.emplace_back(layer, x.scalar_type());
  const Input input(rows, std::any_of(weights.begin(), weights.end(), std::mem_fn(&Weights::is_quantised)));
  std::vector<Tensor> low(layers.size()), outputs;
  for (size_t i = 0; i < layers.size(); ++i) {
    const Terms terms = forward_terms(weights[i], input, low[i]);
    outputs.push_back(shaped_like(multiply(rows, weights[i].out(), terms, weights[i].bias), x));
  }
  if (!needs_gradient(inputs)) return outputs;
  const bool keeps_input = std::any_of(weights.begin(), weights.end(), std::mem_fn(&Weights::needs_input));
  const auto backward = [kept_rows = keeps_input ? rows : Tensor(), weights, low, sizes = x.sizes().vec(),
                         needs_dx = x.requires_grad()](const std::vector<Tensor>& gradients) {
    Terms terms;
    std::vector<Tensor> kept, result = {Tensor()};
    for (size_t i = 0; i < weights.size(); ++i) {
      Gradients of_layer;
      if (gradients[i].defined()) {
        const Tensor dy = as_matrix(gradients[i]);
        kept.push_back(dy);
        of_layer = backward_terms(weights[i], kept_rows, low[i], dy, needs_dx, terms, kept);
      }
      of_layer.append_to(result);
    }
    if (needs_dx && !kept.empty()) {
      result[0] = multiply(kept[0], weights[0].in(), terms).view(sizes);
    }
    return result;
  };
  return record(inputs, outputs, backward);
}

/// The update apart where the kernels take only the layer without.
Tensor one_linear(const Tensor& x, const LinearLayer& layer) {
  if (has_kernel(x, layer)) return kernel_linears(x, {layer})[0];
  LinearLayer alone = layer;
  alone.update = {};
  const Tensor y = has_kernel(x, alone) ? kernel_linears(x, {alone})[0] : plain_linear(x, alone);
  return layer.update.a.defined() ? y + update_of(x, layer.update) : y;
}

Tensor kernel_feed_forward(const Tensor& x, const LinearLayer& inner, const LinearLayer& outer, double dropout,
                           bool training) {
  std::vector<Tensor> inputs = {x};
  append_parameters(inner, inputs);
  append_parameters(outer, inputs);
  const bool keeps = needs_gradient(inputs);
  const Tensor rows = as_matrix(x.detach());
  const Weights first(inner, x.scalar_type()), second(outer, x.scalar_type());
  Tensor low_1, low_2;
  const Input input(rows, first.is_quantised());
  const Terms terms = forward_terms(first, input, low_1);
  const Tensor hidden = new_matrix(rows, first.out());
  const Tensor slope = keeps ? at::empty_like(hidden) : Tensor();
  kernels_for(rows).multiply_gelu(sum_of(hidden, terms), floats_of(first.bias),
                                  draw_dropout(dropout, training, hidden.size(0) * hidden.stride(0)), whole(hidden),
                                  mutable_data_of(slope));
  const Input outer_input(hidden, second.is_quantised());
  const Terms outer_terms = forward_terms(second, outer_input, low_2);
  Tensor y = shaped_like(multiply(rows, second.out(), outer_terms, second.bias), x);
  if (!keeps) return y;
  const auto backward = [kept_rows = first.needs_input() ? rows : Tensor(), first, second, low_1, low_2, slope,
                         kept_hidden = second.needs_input() ? hidden : Tensor(), sizes = x.sizes().vec(),
                         needs_dx = x.requires_grad()](const std::vector<Tensor>& gradients) {
    const Tensor dy = as_matrix(gradients[0]);
    std::vector<Tensor> kept, result = {Tensor()};
    Terms hidden_terms, input_terms;
    const Gradients of_outer = backward_terms(second, kept_hidden, low_2, dy, true, hidden_terms, kept);
    const Tensor d_inner = new_matrix(dy, first.out());
    kernels_for(dy).multiply_scale(sum_of(d_inner, hidden_terms), data_of(slope), whole(d_inner));
    const Gradients of_inner = backward_terms(first, kept_rows, low_1, d_inner, needs_dx, input_terms, kept);
    if (needs_dx) result[0] = multiply(dy, first.in(), input_terms).view(sizes);
    of_inner.append_to(result);
    of_outer.append_to(result);
    return result;
  };
  return record(inputs, {y}, backward)[0];
}

}  // namespace

bool can_fuse(const LinearLayer& layer, at::ScalarType type) {
  const int64_t out = layer.weight.size(0), in = layer.weight.size(1);
  const Tensor& a = layer.update.a;
  if (layer.scales.defined() && (in % 4 != 0 || out % 4 != 0 || !can_quantise(type, layer.weight.device())))
    return false;
  return even(out) && even(in) && (!a.defined() || even(a.size(0)));
}

std::vector<Tensor> linears(const Tensor& x, const std::vector<LinearLayer>& layers) {
  const bool together = std::all_of(layers.begin(), layers.end(), [&](const auto& l) { return has_kernel(x, l); });
  if (together) return kernel_linears(x, layers);
  std::vector<Tensor> outputs;
  for (const LinearLayer& layer : layers) outputs.push_back(one_linear(x, layer));
  return outputs;
}

Tensor feed_forward(const Tensor& x, const LinearLayer& inner, const LinearLayer& outer, double rate, bool training) {
  if (has_kernel(x, inner) && has_kernel(x, outer)) return kernel_feed_forward(x, inner, outer, rate, training);
  return one_linear(fused::dropout(at::gelu(one_linear(x, inner)), rate, training), outer);
}

}  // namespace sure::fused
