// Masked prediction for Python to compare: masked_probe JOB, a JSON file.
// The job: model (a folder), clusters, labels, objective (options), parameters (safetensors of the heads),
// input (safetensors: audio [B, S], lengths [B], targets and frame_labels [B, T], mask [B, T] of 0 and 1),
// output. The output: total, cross_entropy, penalty, correct, label_cross_entropy ([1] each) and grad.NAME.
#include <ATen/ops/tensor.h>

#include <map>

#include "backbone/config.h"
#include "core/options.h"
#include "core/strict_json.h"
#include "formats/safetensors.h"
#include "pretrain/masked_model.h"
#include "train/checkpoint.h"

int main(int, char** arguments) {
  using namespace sure;
  const nlohmann::json job = read_json(arguments[1]);
  ObjectiveOptions options;
  options_from_json(options, job.at("objective"), "objective");
  const std::string folder = job.at("model");
  const MaskedModel model(read_backbone_config(folder), options, job.at("clusters"), job.at("labels"), /*seed=*/0,
                          folder, at::kCPU);
  ParameterList heads;
  for (const NamedTensor& parameter : model.parameters()) {
    if (!parameter.name.starts_with("backbone.")) heads.push_back(parameter);
  }
  copy_tensors(job.at("parameters").get<std::string>(), heads);

  std::map<std::string, Tensor> input;
  for (const NamedTensor& tensor : read_safetensors(job.at("input").get<std::string>()).tensors) {
    input[tensor.name] = tensor.value;
  }
  Batch batch;
  batch.audio = input.at("audio");
  batch.lengths = input.at("lengths");
  batch.targets = input.at("targets");
  batch.frame_labels = input.at("frame_labels");
  const MaskedLoss loss = model.loss(batch, input.at("mask").to(at::kBool), at::kFloat, /*training=*/true);
  loss.total.backward();

  ParameterList output = {{"total", loss.total.detach().reshape(1)},
                          {"cross_entropy", at::tensor({loss.cross_entropy}, at::kDouble)},
                          {"penalty", at::tensor({loss.penalty}, at::kDouble)},
                          {"label_cross_entropy", at::tensor({loss.label_cross_entropy}, at::kDouble)},
                          {"correct", at::tensor({loss.correct}, at::kLong)}};
  for (const NamedTensor& parameter : model.parameters()) {
    if (parameter.value.grad().defined()) output.push_back({"grad." + parameter.name, parameter.value.grad()});
  }
  write_safetensors(job.at("output").get<std::string>(), output);
}
