#include "train/best_model.h"

#include <algorithm>

#include "core/error.h"

namespace sure {

namespace {

constexpr const char* kLoss = "loss";
constexpr double kNothingRight = 1;  // an error rate

/// Better than a value that is not there, too: only an earlier version's checkpoint lacks one.
bool is_better(const std::string& name, const Metrics& metrics, const Metrics& than) {
  const auto other = than.find(name);
  if (other == than.end()) return true;
  return greater_is_better(name) ? metrics.at(name) > other->second : metrics.at(name) < other->second;
}

/// The first criterion in which the two differ, if `metrics` is better in it; else empty.
std::string first_better(const std::vector<std::string>& criteria, const Metrics& metrics, const Metrics& than) {
  for (const std::string& name : criteria) {
    if (!metrics.contains(name)) continue;
    if (is_better(name, metrics, than)) return name;
    if (metrics.at(name) != than.at(name)) return "";
  }
  return "";
}

std::string without_prefix(const std::string& metric) {
  constexpr std::string_view kPrefix = "eval_";
  return metric.starts_with(kPrefix) ? metric.substr(kPrefix.size()) : metric;
}

}  // namespace

BestModelRule::BestModelRule(const Task& task, const TrainOptions& options)
    : criteria_({without_prefix(options.metric_for_best_model.empty() ? task.metric : options.metric_for_best_model)}) {
  std::vector<std::string> known = task.metric_names;
  known.emplace_back(kLoss);
  if (std::find(known.begin(), known.end(), metric()) == known.end()) {
    fail_usage("--metric_for_best_model {}: task '{}' has {}", options.metric_for_best_model, task.name,
               fmt::join(known, ", "));
  }
  for (const std::string& name : task.tie_breakers) {
    if (name != metric()) criteria_.push_back(name);
  }
  if (metric() != kLoss) criteria_.emplace_back(kLoss);
  if (options.greater_is_better.value_or(greater_is_better(metric())) == greater_is_better(metric())) return;
  fail_usage("--greater_is_better {} contradicts --metric_for_best_model {}: leave it out",
             to_text(*options.greater_is_better), metric());
}

bool BestModelRule::note(const Metrics& metrics, TrainState& state) const {
  if (!metrics.contains(metric())) {
    fail_usage("--metric_for_best_model {}: no validation clip has one; use one of the other metrics", metric());
  }
  if (state.best_step > 0 && state.best_metrics.empty()) state.best_metrics[metric()] = state.best_metric;
  const std::string decided_by = state.best_step == 0 ? metric() : first_better(criteria_, metrics, state.best_metrics);
  const bool best = !decided_by.empty();
  const bool gains = best || sets_record(metrics, state);
  for (const std::string& name : criteria_) {
    if (metrics.contains(name) && is_better(name, metrics, state.records)) state.records[name] = metrics.at(name);
  }
  state.evaluations_without_gain = gains ? 0 : state.evaluations_without_gain + 1;
  if (!best) return false;
  state.best_step = state.step;
  state.best_metric = metrics.at(metric());
  state.decided_by = decided_by;
  state.best_metrics.clear();
  for (const std::string& name : criteria_) {
    if (metrics.contains(name)) state.best_metrics[name] = metrics.at(name);
  }
  return true;
}

bool BestModelRule::sets_record(const Metrics& metrics, const TrainState& state) const {
  const auto worth = [&](const Metrics& of) {
    return greater_is_better(metric()) ? of.at(metric()) : std::min(of.at(metric()), kNothingRight);
  };
  if (metric() == kLoss || worth(metrics) != worth(state.best_metrics)) return false;
  return std::any_of(criteria_.begin() + 1, criteria_.end(), [&](const std::string& name) {
    return metrics.contains(name) && is_better(name, metrics, state.records);
  });
}

}  // namespace sure
