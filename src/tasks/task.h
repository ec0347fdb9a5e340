// A task: which head reads the hidden states, how its loss and metrics are computed, and its original defaults.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backbone/backbone.h"
#include "core/tensor.h"
#include "nn/parameters.h"

namespace sure {

struct HeadOptions {
  bool use_weighted_layer_sum = false;
  int64_t classifier_proj_size = 0;  // 0 = the backbone's config
};

template <class Visitor>
void visit_options(HeadOptions& o, Visitor&& visit) {
  visit("use_weighted_layer_sum", o.use_weighted_layer_sum, "head reads a trained weighted sum of all layers");
  visit("classifier_proj_size", o.classifier_proj_size,
        "width of the head's projector; 0 = as the model's config says");
}

/// Hidden states -> logits. Parameter names and shapes are those of transformers' Wav2Vec2ForSequenceClassification:
/// projector.{weight,bias} [P, D], classifier.{weight,bias} [C, P], layer_weights [L + 1].
class Head {
 public:
  virtual ~Head() = default;
  /// fp32 [B, C].
  virtual Tensor forward(const HiddenStates& states) const = 0;
  virtual bool needs_all_layers() const = 0;
};

/// Everything evaluation collects: one row per clip.
struct Predictions {
  Tensor logits;  // fp32 [N, C]
  Tensor labels;  // int64 [N]
};

/// Metrics by name ("accuracy", "f1" …); "confusion" is separate.
using Metrics = std::map<std::string, double>;

/// A task: one row of the table.
struct Task {
  std::string name;                  // emotion, speaker, keyword, classify
  std::vector<std::string> aliases;  // SER, SR, KS
  std::string help;
  std::string metric;  // name of the metric that picks the best model
  bool greater_is_better;
  int64_t max_samples;  // crop / pad of the original
  bool finetune_freezes_front_end;
  int64_t finetune_freezes_layers;  // the speaker task's 20 (of 24): lowest layers that finetune leaves frozen
  std::unique_ptr<Head> (*make_head)(const HeadOptions&, const BackboneConfig&, int64_t classes, const Scope&);
  /// Mean over the batch, a scalar.
  Tensor (*loss)(const Tensor& logits, const Tensor& labels);
  Metrics (*metrics)(const Predictions& predictions);
  std::vector<std::string> metric_names;  // the keys of metrics()
};

const std::vector<Task>& tasks();

/// By name or alias (upper or lower case). Throws a usage Error that lists the names.
const Task& find_task(const std::string& name);

}  // namespace sure
