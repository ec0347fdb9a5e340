#include "train/best_model.h"

#include <algorithm>
#include <cctype>

#include "core/error.h"

namespace sure {

namespace {

std::string without_prefix(const std::string& metric) {
  constexpr std::string_view kPrefix = "eval_";
  return metric.starts_with(kPrefix) ? metric.substr(kPrefix.size()) : metric;
}

}  // namespace

bool parse_bool(const std::string& flag, const std::string& text) {
  std::string lower = text;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower != "true" && lower != "false") fail_usage("--{} {}: expected True or False", flag, text);
  return lower == "true";
}

BestModelRule::BestModelRule(const Task& task, const TrainOptions& options)
    : metric_(without_prefix(options.metric_for_best_model.empty() ? task.metric : options.metric_for_best_model)) {
  std::vector<std::string> known = task.metric_names;
  known.emplace_back("loss");
  if (std::find(known.begin(), known.end(), metric_) == known.end()) {
    fail_usage("--metric_for_best_model {}: task '{}' has {}", options.metric_for_best_model, task.name,
               fmt::join(known, ", "));
  }
  greater_is_better_ = metric_ == "loss" ? false : task.greater_is_better;
  if (options.greater_is_better.empty()) return;
  if (parse_bool("greater_is_better", options.greater_is_better) != greater_is_better_) {
    fail_usage("--greater_is_better {} contradicts --metric_for_best_model {}: leave it out", options.greater_is_better,
               metric_);
  }
}

bool BestModelRule::note(const Metrics& metrics, TrainState& state) const {
  const auto found = metrics.find(metric_);
  if (found == metrics.end()) {
    fail_usage("--metric_for_best_model {}: no validation clip has one; use one of the other metrics", metric_);
  }
  const double value = found->second;
  const bool better = greater_is_better_ ? value > state.best_metric : value < state.best_metric;
  const bool best = state.best_step == 0 || better;
  state.evaluations_without_gain = best ? 0 : state.evaluations_without_gain + 1;
  if (best) {
    state.best_step = state.step;
    state.best_metric = value;
  }
  return best;
}

}  // namespace sure
