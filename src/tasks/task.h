// A task: its labels, the head on the hidden states, its loss and metrics, and the original's defaults.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/batch.h"
#include "nn/parameters.h"
#include "tasks/head.h"
#include "tasks/objective.h"
#include "tasks/target_options.h"
#include "text/vocabulary.h"

namespace sure {

/// Names of the model's outputs: classes, or tokens of a transcript. An output is the name's position.
using Labels = std::vector<std::string>;

/// The kind of answer for a clip.
enum class OutputKind { labels, transcript, embedding };

/// A task: one row of the table.
struct Task {
  std::string name;
  std::vector<std::string> aliases;  // the benchmark's: SER, SR …
  std::string help;
  std::string metric;                     // name of the metric that picks the best model
  std::vector<std::string> metric_names;  // the keys of Objective::metrics
  std::vector<std::string> tie_breakers;  // those that decide where `metric` ties; after them the validation loss
  OutputKind output = OutputKind::labels;
  Wanted wanted;  // its target, and how clips are split

  // The original's defaults.
  int64_t max_samples = 40000;  // crop / pad at 16 kHz; 0 = whole clips
  Padding padding = Padding::max_length;
  std::string lr_scheduler_type = "linear";
  int64_t early_stopping_patience = 5;
  bool finetune_freezes_front_end = false;
  int64_t finetune_freezes_layers = 0;  // of XLSR-53's 24: the lowest layers that finetune leaves frozen

  /// Brings the targets into the form that `labels` and `encode` take; notes how many it left out.
  void (*prepare)(Dataset& data, const TargetOptions& options) = nullptr;
  /// From prepared data. Throws Error where the splits contradict each other.
  Labels (*labels)(const Dataset& data, const TargetOptions& options) = nullptr;
  /// The roles of --vocab's tokens besides text; nothing where their names tell them, and for classes.
  std::optional<TokenRoles> (*roles)(const TargetOptions& options) = nullptr;
  std::unique_ptr<Head> (*make_head)(const HeadOptions&, const BackboneConfig&, int64_t outputs,
                                     const Scope&) = nullptr;
  /// `roles`: of tokens; nothing for the usual ones.
  std::unique_ptr<Objective> (*make_objective)(const Labels& labels, const std::optional<TokenRoles>& roles) = nullptr;
};

const std::vector<Task>& tasks();

/// By name or alias (upper or lower case). Throws a usage Error that lists the names.
const Task& find_task(const std::string& name);

/// Whether a higher value of this metric, or of "loss", is the better one.
bool greater_is_better(const std::string& metric);

/// The names, with aliases, for a help line.
std::string describe_tasks();

}  // namespace sure
