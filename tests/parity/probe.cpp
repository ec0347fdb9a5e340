// Lets the parity tests look inside: runs a model on a batch and writes all that Python compares. Reads the name of one
// job file (JSON) a line, and answers each with "ok" or the error.
// A job: spec (task, labels, model, tuning, head, target options), input (safetensors: audio [B, S], labels [B] or [B,
// L] and perhaps lengths [B]), initial (safetensors of trained parameters, by name; optional), steps, learning_rate,
// weight_decay and max_grad_norm (of a loss curve; optional), save (a folder for the adapter, as training writes it;
// optional), output.
// The output: hidden.N [B, T, D], logits [B, C], embedding [B, E] (of an x-vector head), loss [1], grad.NAME,
// curve [steps] (the loss before each step).
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <c10/core/GradMode.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "core/atomic_file.h"
#include "core/options.h"
#include "formats/safetensors.h"
#include "model/adapted_model.h"
#include "train/checkpoint.h"
#include "train/optimiser.h"

namespace {

using namespace sure;
using nlohmann::json;

std::map<std::string, Tensor> read_tensors(const std::string& path) {
  std::map<std::string, Tensor> tensors;
  for (const NamedTensor& tensor : read_safetensors(path).tensors) tensors[tensor.name] = tensor.value;
  return tensors;
}

ModelSpec read_spec(const json& job) {
  ModelSpec spec;
  job.at("task").get_to(spec.task);
  job.at("labels").get_to(spec.labels);
  options_from_json(spec.model, job.value("model", json::object()), "model");
  options_from_json(spec.tuning, job.value("tuning", json::object()), "tuning");
  options_from_json(spec.head, job.value("head", json::object()), "head");
  options_from_json(spec.target, job.value("target", json::object()), "target");
  return spec;
}

Batch read_batch(const std::string& path) {
  std::map<std::string, Tensor> tensors = read_tensors(path);
  Batch batch;
  batch.audio = tensors.at("audio").clone();
  batch.targets = tensors.at("labels").clone();
  if (batch.targets.dim() == 1) batch.targets = batch.targets.unsqueeze(1);
  batch.lengths = tensors.contains("lengths") ? tensors.at("lengths").clone()
                                              : at::full({batch.audio.size(0)}, batch.audio.size(1), at::kLong);
  return batch;
}

/// Sets every trained parameter; the file must name exactly those.
void set_parameters(const ParameterList& trained, const std::string& path) {
  const at::NoGradGuard no_grad;
  std::map<std::string, Tensor> values = read_tensors(path);
  for (const NamedTensor& parameter : trained) {
    const auto value = values.find(parameter.name);
    if (value == values.end()) fail("{}: no value for '{}'", path, parameter.name);
    Tensor target = parameter.value;
    if (target.sizes() != value->second.sizes()) {
      fail("{}: '{}' is [{}], the model's is [{}]", path, parameter.name, fmt::join(value->second.sizes(), ", "),
           fmt::join(target.sizes(), ", "));
    }
    target.copy_(value->second);
    values.erase(value);
  }
  if (!values.empty()) fail("{}: the model trains no '{}'", path, values.begin()->first);
}

void record_hidden_states(const AdaptedModel& model, const Batch& batch, ParameterList& output) {
  const at::NoGradGuard no_grad;
  const ModelOptions& options = model.spec().model;
  BackboneInput input;
  input.audio = batch.audio;
  input.exact_padding = options.padding == Padding::exact;
  if (input.exact_padding || model.backbone().config().return_attention_mask) input.lengths = batch.lengths;
  input.all_layers = true;
  input.dtype = options.bf16 ? at::kBFloat16 : at::kFloat;
  const HiddenStates states =
      model.backbone().forward(input, {.adapters = std::make_shared<BatchAdapters>(model.adapters())});
  for (size_t i = 0; i < states.layers.size(); ++i) {
    output.push_back({fmt::format("hidden.{}", i), states.layers[i].to(at::kFloat)});
  }
}

Tensor loss_of(const AdaptedModel& model, const Batch& batch, bool training) {
  return model.objective().loss(model.forward(batch, training), batch.targets).mean;
}

void record_gradients(const AdaptedModel& model, const Batch& batch, ParameterList& output) {
  const Tensor loss = loss_of(model, batch, true);
  loss.backward();
  output.push_back({"loss", loss.detach().reshape(1)});
  for (const NamedTensor& parameter : model.trained()) {
    if (parameter.value.grad().defined()) output.push_back({"grad." + parameter.name, parameter.value.grad().clone()});
  }
}

/// The losses of steps of AdamW on the one batch, as a run's first steps would be without a schedule.
void record_curve(const AdaptedModel& model, const Batch& batch, const json& job, ParameterList& output) {
  AdamWOptions options;
  options.weight_decay = job.at("weight_decay");
  AdamW optimiser(model.trained(), options);
  std::vector<float> losses;
  for (int64_t step = 0; step < job.at("steps").get<int64_t>(); ++step) {
    optimiser.zero_gradients();
    const Tensor loss = loss_of(model, batch, true);
    losses.push_back(loss.item<float>());
    loss.backward();
    clip_gradients(model.trained(), job.at("max_grad_norm"));
    optimiser.step(job.at("learning_rate"));
  }
  output.push_back({"curve", at::tensor(losses)});
}

void run(const json& job) {
  const AdaptedModel model = AdaptedModel::create(read_spec(job.at("spec")), 0);
  if (job.contains("initial")) set_parameters(model.trained(), job.at("initial"));
  const Batch batch = read_batch(job.at("input"));
  if (job.contains("save")) {
    write_folder(job.at("save").get<std::string>(), best_model_folder(),
                 [&](const std::filesystem::path& path) { model.save(path); });
  }
  ParameterList output;
  record_hidden_states(model, batch, output);
  {
    const at::NoGradGuard no_grad;
    const HeadOutput head = model.forward(batch, false);
    output.push_back({"logits", head.logits});
    if (head.embedding.defined()) output.push_back({"embedding", head.embedding});
  }
  record_gradients(model, batch, output);
  if (job.contains("steps")) record_curve(model, batch, job, output);
  write_safetensors(job.at("output").get<std::string>(), output);
}

}  // namespace

int main() {
  std::string path;
  while (std::getline(std::cin, path)) {
    std::string answer = "ok";
    try {
      run(json::parse(read_file(path)));
    } catch (const std::exception& error) {
      answer = error.what();
    }
    std::cout << answer << std::endl;
  }
}
