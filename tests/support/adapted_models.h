// Small adapted models and batches for them.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "model/adapted_model.h"
#include "tests/support/tiny_models.h"

namespace sure::test {

/// Three classes on a tiny backbone, no dropout, batches padded to the longest clip.
inline ModelSpec tiny_spec(const std::string& shape, const TuningOptions& tuning) {
  ModelSpec spec;
  spec.task = "classify";
  spec.labels = {"no", "stop", "yes"};
  spec.tuning = tuning;
  spec.model.model = tiny_model(shape);
  spec.model.device = "cpu";
  spec.model.dropout = 0;
  spec.model.layerdrop = 0;
  spec.model.padding = Padding::longest;
  return spec;
}

inline ModelSpec tiny_spec(const std::string& shape, const std::string& method) {
  TuningOptions tuning;
  tuning.method = method;
  return tiny_spec(shape, tuning);
}

/// Noise of these lengths, zeros behind each clip, labels 0, 1, 2, 0 …
inline Batch noise_batch(const std::vector<int64_t>& lengths, uint64_t seed = 3) {
  const auto clips = static_cast<int64_t>(lengths.size());
  Batch batch;
  batch.lengths = torch::tensor(lengths, torch::kLong);
  batch.targets = torch::arange(clips, torch::kLong).remainder(3).unsqueeze(1);
  batch.audio = torch::zeros({clips, *std::max_element(lengths.begin(), lengths.end())});
  for (int64_t i = 0; i < clips; ++i) {
    const auto length = lengths[static_cast<size_t>(i)];
    batch.audio[i].slice(0, 0, length).normal_(0, 1, make_generator(mix_seed(seed, {static_cast<uint64_t>(i)})));
  }
  return batch;
}

/// Moves what trains away from its start, so that parts that begin at zero act.
inline void perturb(const AdaptedModel& model, double scale = 0.1) {
  const torch::NoGradGuard no_gradients;
  for (const NamedTensor& parameter : model.trained()) {
    Tensor noise = torch::empty(parameter.value.sizes());
    noise.normal_(0, scale, make_generator(mix_seed(11, parameter.name)));
    Tensor(parameter.value).add_(noise.to(parameter.value.device()));
  }
}

}  // namespace sure::test
