// All labellings of a short CTC output with their probabilities, by going through every path.
#pragma once

#include <ATen/ops/empty.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <vector>

#include "core/rng.h"
#include "core/tensor.h"

namespace sure::test {

/// log-softmax of seeded noise, fp32 [frames, tokens].
inline Tensor random_log_probs(int64_t frames, int64_t tokens, uint64_t seed, double spread = 2) {
  return at::empty({frames, tokens}).normal_(0, spread, make_generator(seed)).log_softmax(-1);
}

/// Labels of a path: repeats merged, blanks (0) dropped.
inline std::vector<int64_t> labels_of(const std::vector<int64_t>& path) {
  std::vector<int64_t> labels;
  int64_t before = 0;
  for (const int64_t token : path) {
    if (token != before && token != 0) labels.push_back(token);
    before = token;
  }
  return labels;
}

struct PathSums {
  double probability = 0;
  double best_path = 0;
  std::vector<int64_t> path;  // the best one
};

/// `log_probs`: fp32 [T, V] with V to the power of T small enough.
inline std::map<std::vector<int64_t>, PathSums> every_labelling(const Tensor& log_probs) {
  const auto value = log_probs.accessor<float, 2>();
  const int64_t frames = log_probs.size(0);
  const int64_t tokens = log_probs.size(1);
  std::map<std::vector<int64_t>, PathSums> labellings;
  for (int64_t number = 0; number < std::llround(std::pow(tokens, frames)); ++number) {
    std::vector<int64_t> path;
    double log_probability = 0;
    for (int64_t t = 0, rest = number; t < frames; ++t, rest /= tokens) {
      path.push_back(rest % tokens);
      log_probability += static_cast<double>(value[t][path.back()]);
    }
    PathSums& sums = labellings[labels_of(path)];
    sums.probability += std::exp(log_probability);
    if (std::exp(log_probability) <= sums.best_path) continue;
    sums.best_path = std::exp(log_probability);
    sums.path = path;
  }
  return labellings;
}

}  // namespace sure::test
