#include "train/comparison.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "core/error.h"

namespace sure {

namespace {

using Json = nlohmann::ordered_json;

ComparisonRow summarise(const std::vector<nlohmann::json>& runs, const std::string& split, const std::string& metric) {
  const nlohmann::json& first = runs.front();
  ComparisonRow row;
  row.method = first.at("method");
  row.trained = first.at("trained");
  row.share_percent = first.at("share_percent");
  row.runs = runs.size();
  std::vector<double> metrics;
  std::vector<double> seconds;
  for (const nlohmann::json& run : runs) {
    if (!run.contains(split))
      fail("{}: no metrics of the {} split; set --do_predict or --do_eval True", row.method, split);
    metrics.push_back(run.at(split).at("metrics").at(metric));
    seconds.push_back(run.at("seconds_per_step"));
    row.peak_memory_bytes = std::max(row.peak_memory_bytes, run.at("peak_memory_bytes").get<double>());
  }
  row.metric = spread_of(metrics);
  row.seconds_per_step = spread_of(seconds);
  return row;
}

/// The values of each metric that all folds have.
std::map<std::string, std::vector<double>> values_of(const std::vector<nlohmann::json>& results) {
  std::map<std::string, std::vector<double>> values;
  for (const nlohmann::json& result : results) {
    for (const auto& [name, value] : result.at("test").at("metrics").items()) values[name].push_back(value);
  }
  std::erase_if(values, [&](const auto& metric) { return metric.second.size() < results.size(); });
  return values;
}

double sum_of(const std::vector<nlohmann::json>& results, const char* key) {
  return std::accumulate(results.begin(), results.end(), 0.0,
                         [&](double sum, const nlohmann::json& result) { return sum + result.at(key).get<double>(); });
}

}  // namespace

Comparison compare_results(const std::vector<std::vector<nlohmann::json>>& results) {
  Comparison comparison;
  const nlohmann::json& first = results.front().front();
  comparison.metric = first.at("metric");
  comparison.split = first.contains("test") ? "test" : "valid";
  for (const auto& runs : results) comparison.rows.push_back(summarise(runs, comparison.split, comparison.metric));
  return comparison;
}

Json comparison_to_json(const Comparison& comparison) {
  Json rows = Json::array();
  for (const ComparisonRow& row : comparison.rows) {
    rows.push_back({{"method", row.method},
                    {"mean", row.metric.mean},
                    {"deviation", row.metric.deviation},
                    {"trained", row.trained},
                    {"share_percent", row.share_percent},
                    {"seconds_per_step", row.seconds_per_step.mean},
                    {"seconds_per_step_deviation", row.seconds_per_step.deviation},
                    {"peak_memory_bytes", row.peak_memory_bytes},
                    {"runs", row.runs}});
  }
  return {{"metric", comparison.metric}, {"split", comparison.split}, {"methods", rows}};
}

std::string fold_folder(size_t index) { return fmt::format("fold-{}", index + 1); }

Json average_folds(const std::vector<std::string>& names, const std::vector<nlohmann::json>& results) {
  Json json;
  for (const char* key : {"task", "dataset", "model", "random_backbone", "method", "metric", "seed", "trained", "total",
                          "share_percent"}) {
    json[key] = results.front().at(key);
  }
  int64_t clips = 0;
  json["folds"] = Json::array();
  for (size_t i = 0; i < results.size(); ++i) {
    const nlohmann::json& test = results[i].at("test");
    clips += test.at("clips").get<int64_t>();
    json["folds"].push_back({{"name", names[i]},
                             {"folder", fold_folder(i)},
                             {"clips", test.at("clips")},
                             {"metrics", test.at("metrics")},
                             {"best_step", results[i].at("best_step")},
                             {"steps", results[i].at("steps")}});
  }
  for (const auto& [name, values] : values_of(results)) {
    const Spread spread = spread_of(values);
    json["mean"][name] = spread.mean;
    json["deviation"][name] = spread.deviation;
  }
  json["test"] = {{"clips", clips}, {"metrics", json["mean"]}};
  int64_t peak = 0;
  for (const nlohmann::json& result : results) peak = std::max(peak, result.at("peak_memory_bytes").get<int64_t>());
  json["seconds_per_step"] = sum_of(results, "seconds_per_step") / static_cast<double>(results.size());
  json["seconds"] = sum_of(results, "seconds");
  json["peak_memory_bytes"] = peak;
  return json;
}

}  // namespace sure
