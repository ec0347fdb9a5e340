#include "train/sum_gradients.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros_like.h>

namespace sure {

namespace {

/// Calls `visit(parameter, its part of `flat`)`.
template <class Visit>
void for_each_part(const ParameterList& parameters, const Tensor& flat, Visit&& visit) {
  int64_t start = 0;
  for (const NamedTensor& parameter : parameters) {
    const int64_t size = parameter.value.numel();
    visit(parameter.value, flat.narrow(0, start, size).view(parameter.value.sizes()));
    start += size;
  }
}

}  // namespace

void sum_gradients(const ParameterList& parameters, StepSums& sums, World& world) {
  if (world.size() == 1) return;
  const at::NoGradGuard no_grad;
  std::vector<Tensor> parts;
  std::vector<double> counts;  // of each parameter, whether it has a gradient
  for (const NamedTensor& parameter : parameters) {
    const Tensor& gradient = parameter.value.grad();
    parts.push_back((gradient.defined() ? gradient : at::zeros_like(parameter.value)).flatten());
    counts.push_back(gradient.defined() ? 1 : 0);
  }
  counts.push_back(sums.loss);
  for (const auto& [name, value] : sums.others) counts.push_back(value);
  parts.push_back(at::tensor(counts, at::kFloat).to(parts.empty() ? at::kCPU : parts.front().device()));
  Tensor flat = at::cat(parts);
  world.all_reduce(flat);
  const Tensor counted = flat.narrow(0, flat.numel() - std::ssize(counts), std::ssize(counts)).cpu();
  const auto* count = counted.const_data_ptr<float>();
  for_each_part(parameters, flat, [&](const Tensor& parameter, const Tensor& gradient) {
    if (*count++ > 0) parameter.mutable_grad() = gradient;
  });
  sums.loss = *count++;
  for (auto& [name, value] : sums.others) value = *count++;
}

void share_parameters(const ParameterList& parameters, World& world) {
  if (world.size() == 1 || parameters.empty()) return;
  const at::NoGradGuard no_grad;
  std::vector<Tensor> parts;
  for (const NamedTensor& parameter : parameters) parts.push_back(parameter.value.flatten());
  Tensor flat = at::cat(parts);
  world.broadcast(flat);
  for_each_part(parameters, flat, [](const Tensor& parameter, const Tensor& value) { parameter.copy_(value); });
}

}  // namespace sure
