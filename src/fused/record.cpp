#include "fused/record.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/error.h"

namespace sure::fused {

namespace {

bool is_defined(const Tensor& x) { return x.defined(); }

struct Operation : torch::CustomClassHolder {
  // `backward` may hold the outputs themselves: the graph takes copies, or the two would keep each other alive.
  Operation(const std::vector<Tensor>& all_inputs, const std::vector<Tensor>& results, Backward gradient)
      : backward(std::move(gradient)) {
    for (const Tensor& result : results) outputs.push_back(result.variable_data());  // of the same memory
    for (size_t i = 0; i < all_inputs.size(); ++i) {
      if (is_defined(all_inputs[i])) given.push_back(i);
    }
  }
  std::vector<Tensor> outputs;
  Backward backward;
  std::vector<size_t> given;  // positions of the defined inputs: torch knows only them
};

struct Recorded : torch::autograd::Function<Recorded> {
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context, at::TensorList /*inputs*/,
                                                const c10::intrusive_ptr<torch::CustomClassHolder>& operation) {
    context->set_materialize_grads(false);
    context->saved_data["operation"] = c10::IValue::make_capsule(operation);
    return std::exchange(c10::static_intrusive_pointer_cast<Operation>(operation)->outputs, {});
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto operation = c10::static_intrusive_pointer_cast<Operation>(context->saved_data["operation"].toCapsule());
    const Backward run = std::exchange(operation->backward, nullptr);
    if (!run) fail("a second backward pass through the same graph; compute the loss again");
    const std::vector<Tensor> all = run(gradients);
    std::vector<Tensor> result;
    for (const size_t i : operation->given) result.push_back(all[i]);
    result.emplace_back();  // of the operation itself
    return result;
  }
};

}  // namespace

bool needs_gradient(const std::vector<Tensor>& inputs) {
  return at::GradMode::is_enabled() && std::any_of(inputs.begin(), inputs.end(), [](const Tensor& input) {
           return input.defined() && input.requires_grad();
         });
}

std::vector<Tensor> record(const std::vector<Tensor>& inputs, const std::vector<Tensor>& outputs, Backward backward) {
  if (!needs_gradient(inputs)) return outputs;
  const c10::intrusive_ptr<torch::CustomClassHolder> operation =
      c10::make_intrusive<Operation>(inputs, outputs, std::move(backward));
  std::vector<Tensor> given;
  std::copy_if(inputs.begin(), inputs.end(), std::back_inserter(given), is_defined);
  return Recorded::apply(at::TensorList(given), operation);
}

}  // namespace sure::fused
