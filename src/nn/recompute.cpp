#include "nn/recompute.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>

#include "core/batch_rows.h"
#include "core/rng.h"

namespace sure {

namespace {

struct LayerCapsule : torch::CustomClassHolder {
  explicit LayerCapsule(std::function<Tensor(const Tensor&)> f) : layer(std::move(f)) {}
  std::function<Tensor(const Tensor&)> layer;
};

struct Recompute : torch::autograd::Function<Recompute> {
  // `anchor` needs a gradient, so that the backward pass comes here also when x needs none but the layer trains.
  static Tensor forward(torch::autograd::AutogradContext* context, const Tensor& x, const Tensor& /*anchor*/,
                        const c10::intrusive_ptr<torch::CustomClassHolder>& capsule) {
    context->save_for_backward({x, generator_state(x.device())});
    const BatchRows& rows = rows_here();  // the backward pass may run on another thread
    context->saved_data["rows"] = std::tuple(rows.first, rows.here, rows.lengths);
    context->saved_data["layer"] = c10::IValue::make_capsule(capsule);
    context->saved_data["input_needs_gradient"] = x.requires_grad();
    return c10::static_intrusive_pointer_cast<LayerCapsule>(capsule)->layer(x);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const auto capsule = context->saved_data["layer"].toCapsule();
    const at::AutoGradMode record(true);
    const KeptRandomness outside(saved[0].device());
    set_generator_state(saved[0].device(), saved[1]);
    const auto [first, here, lengths] = context->saved_data["rows"].to<std::tuple<int64_t, int64_t, Tensor>>();
    const DrawnForRows as_before({first, here, lengths});
    const Tensor x = saved[0].detach().requires_grad_(context->saved_data["input_needs_gradient"].toBool());
    const Tensor y = c10::static_intrusive_pointer_cast<LayerCapsule>(capsule)->layer(x);
    if (!y.requires_grad()) return {Tensor(), Tensor(), Tensor()};  // nothing trains in the layer or below
    torch::autograd::backward({y}, {gradients[0]});
    return {x.grad(), Tensor(), Tensor()};
  }
};

}  // namespace

Tensor recompute_in_backward(const std::function<Tensor(const Tensor&)>& layer, const Tensor& x) {
  if (!at::GradMode::is_enabled()) return layer(x);
  const Tensor anchor = at::empty({0}).requires_grad_();
  const c10::intrusive_ptr<torch::CustomClassHolder> capsule = c10::make_intrusive<LayerCapsule>(layer);
  return Recompute::apply(x, anchor, capsule);
}

}  // namespace sure
