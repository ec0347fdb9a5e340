#include "model/starting_point.h"

#include <ATen/ops/tensor.h>

#include <algorithm>
#include <set>

#include "model/adapter_source.h"
#include "tasks/heads.h"

namespace sure {

namespace {

constexpr std::string_view kHead = "head.";

/// Tensors of heads with an entry for each output, and along which dimension.
constexpr std::pair<const char*, int64_t> kOutputs[] = {{"head.classifier.weight", 0},
                                                        {"head.classifier.bias", 0},
                                                        {"head.lm_head.weight", 0},
                                                        {"head.lm_head.bias", 0},
                                                        {"head.objective.weight", 1}};

bool is_subset(const Labels& some, const Labels& all) {
  const std::set<std::string> known(all.begin(), all.end());
  return std::all_of(some.begin(), some.end(), [&](const std::string& label) { return known.contains(label); });
}

bool has_same_head(const SavedAdapter& start, const ModelSpec& spec, const BackboneConfig& config) {
  const HeadOptions& theirs = start.spec.head;
  const HeadOptions& ours = spec.head;
  return find_task(start.spec.task).make_head == find_task(spec.task).make_head &&
         start.spec.labels.size() == spec.labels.size() && is_subset(spec.labels, start.spec.labels) &&
         theirs.use_weighted_layer_sum == ours.use_weighted_layer_sum &&
         (!ours.use_weighted_layer_sum || theirs.final_norm_in_layer_sum == ours.final_norm_in_layer_sum) &&
         projector_size(theirs, config) == projector_size(ours, config);
}

/// For each of `labels` where it stands in `known`.
Tensor positions(const Labels& labels, const Labels& known) {
  std::vector<int64_t> numbers;
  for (const std::string& label : labels) {
    numbers.push_back(std::find(known.begin(), known.end(), label) - known.begin());
  }
  return at::tensor(numbers, at::kLong);
}

/// An x-vector head's classifier makes embeddings: its outputs are the objective's.
bool is_by_output(const std::string& name, const Task& task, int64_t& dimension) {
  for (const auto& [output, along] : kOutputs) {
    if (name != output) continue;
    dimension = along;
    return task.output != OutputKind::embedding || along == 1;
  }
  return false;
}

}  // namespace

SavedAdapter read_starting_point(const std::filesystem::path& folder, const std::string& model) {
  ModelOptions options = recorded_model_options(folder);
  if (!model.empty()) options.model = model;
  return read_adapter_alone(folder, options);
}

Labels labels_to_go_on_with(const SavedAdapter& start, const std::string& task, const Labels& wanted) {
  const bool transcripts =
      find_task(task).output == OutputKind::transcript && find_task(start.spec.task).output == OutputKind::transcript;
  return transcripts && is_subset(wanted, start.spec.labels) ? start.spec.labels : wanted;
}

StartTensors start_tensors(const SavedAdapter& start, const ModelSpec& spec, const BackboneConfig& config) {
  StartTensors chosen;
  chosen.has_head = has_same_head(start, spec, config);
  const Tensor order = chosen.has_head ? positions(spec.labels, start.spec.labels) : Tensor();
  for (const NamedTensor& tensor : start.tensors) {
    if (!tensor.name.starts_with(kHead)) {
      chosen.tensors.push_back(tensor);
    } else if (chosen.has_head) {
      int64_t dimension = 0;
      const bool by_output = is_by_output(tensor.name, find_task(spec.task), dimension);
      chosen.tensors.push_back({tensor.name, by_output ? tensor.value.index_select(dimension, order) : tensor.value});
    }
  }
  return chosen;
}

}  // namespace sure
