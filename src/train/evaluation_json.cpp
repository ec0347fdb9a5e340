#include "train/evaluation_json.h"

#include <string>
#include <vector>

#include "metrics/bootstrap.h"

namespace sure {

namespace {

using Json = nlohmann::ordered_json;

constexpr double kConfidence = 0.95;

Json intervals(const Evaluation& evaluation, const Objective& objective, const IntervalOptions& options) {
  Json found;
  std::vector<Metrics> of_resamples;  // all metrics come at once, and the same seed draws the same resamples
  for (const auto& [name, value] : evaluation.metrics) {
    if (name == "loss") continue;
    const auto metric = [&, metric_name = name, resample = size_t{0}](const std::vector<size_t>& clips) mutable {
      if (resample == of_resamples.size()) {
        of_resamples.push_back(objective.metrics(evaluation.predictions, evaluation.targets, clips));
      }
      return of_resamples[resample++].at(metric_name);
    };
    const Interval interval = bootstrap(evaluation.predictions.size(), metric, static_cast<uint64_t>(options.seed),
                                        kConfidence, options.bootstrap);
    found[name] = {interval.low, interval.high};
  }
  return found;
}

}  // namespace

Json evaluation_to_json(const Evaluation& evaluation, const Objective& objective, const IntervalOptions& options) {
  Json json = {
      {"clips", evaluation.predictions.size()}, {"seconds", evaluation.seconds}, {"metrics", evaluation.metrics}};
  if (evaluation.skipped > 0) json["skipped"] = evaluation.skipped;
  if (options.bootstrap > 0) json["intervals"] = intervals(evaluation, objective, options);
  json.update(objective.details(evaluation.predictions, evaluation.targets));
  return json;
}

}  // namespace sure
