// Data sets without files.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace sure::test {

/// "clip0.wav", "clip1.wav" … with these targets.
inline std::vector<Example> examples_with(const std::vector<std::string>& targets, const std::string& speaker = "") {
  std::vector<Example> examples;
  for (const std::string& target : targets) {
    examples.push_back({fmt::format("clip{}.wav", examples.size()), target, speaker});
  }
  return examples;
}

inline Dataset dataset_with(const std::vector<std::string>& train, const std::vector<std::string>& test = {}) {
  Dataset data;
  data.train = examples_with(train);
  data.test = examples_with(test);
  return data;
}

/// The different targets, sorted.
inline std::set<std::string> targets_of(const std::vector<Example>& examples) {
  std::set<std::string> targets;
  for (const Example& example : examples) targets.insert(example.target);
  return targets;
}

}  // namespace sure::test
