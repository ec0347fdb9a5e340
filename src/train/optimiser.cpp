#include "train/optimiser.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>

namespace sure {

namespace {

constexpr double kClipEpsilon = 1e-6;  // that of clip_grad_norm_

std::vector<Tensor> gradients_of(const ParameterList& parameters) {
  std::vector<Tensor> gradients;
  for (const NamedTensor& parameter : parameters) {
    if (parameter.value.grad().defined()) gradients.push_back(parameter.value.grad());
  }
  return gradients;
}

}  // namespace

AdamW::AdamW(const ParameterList& parameters, const AdamWOptions& options) : options_(options) {
  for (const NamedTensor& parameter : parameters) {
    const Tensor value = parameter.value.detach();
    slots_.push_back({parameter.name, parameter.value, at::zeros_like(value), at::zeros_like(value),
                      at::zeros({1}, value.options().dtype(at::kFloat)), value.dim() > 1});
  }
}

void AdamW::step(double learning_rate) {
  const at::NoGradGuard no_grad;
  step_group(true, learning_rate);
  step_group(false, learning_rate);
}

void AdamW::step_group(bool decays, double learning_rate) {
  std::vector<Tensor> parameters, gradients, exp_avgs, exp_avg_sqs, steps;
  for (const Slot& slot : slots_) {
    if (slot.decays != decays || !slot.parameter.grad().defined()) continue;
    parameters.push_back(slot.parameter);
    gradients.push_back(slot.parameter.grad());
    exp_avgs.push_back(slot.exp_avg);
    exp_avg_sqs.push_back(slot.exp_avg_sq);
    steps.push_back(slot.step);
  }
  if (parameters.empty()) return;
  at::_foreach_add_(steps, 1);
  at::_fused_adamw_(parameters, gradients, exp_avgs, exp_avg_sqs, /*max_exp_avg_sqs=*/{}, steps, learning_rate,
                    options_.beta1, options_.beta2, decays ? options_.weight_decay : 0.0, options_.epsilon,
                    /*amsgrad=*/false, /*maximize=*/false);
}

void AdamW::zero_gradients() {
  for (Slot& slot : slots_) slot.parameter.mutable_grad() = Tensor();
}

ParameterList AdamW::state() const {
  ParameterList state;
  for (const Slot& slot : slots_) {
    state.push_back({slot.name + ".exp_avg", slot.exp_avg});
    state.push_back({slot.name + ".exp_avg_sq", slot.exp_avg_sq});
    state.push_back({slot.name + ".step", slot.step});
  }
  return state;
}

void AdamW::load_state(ParameterSource& source) {
  ParameterList moments = state();
  for (NamedTensor& moment : moments) moment.value.copy_(source.get(moment.name, moment.value.sizes(), {}));
}

double clip_gradients(const ParameterList& parameters, double max_norm) {
  const at::NoGradGuard no_grad;
  const std::vector<Tensor> gradients = gradients_of(parameters);
  if (gradients.empty()) return 0;
  const double norm = at::stack(at::_foreach_norm(gradients)).norm().item<double>();
  const double scale = max_norm / (norm + kClipEpsilon);
  if (max_norm > 0 && std::isfinite(norm) && scale < 1) at::_foreach_mul_(gradients, scale);
  return norm;
}

}  // namespace sure
