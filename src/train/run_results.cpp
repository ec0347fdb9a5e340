#include "train/run_results.h"

#include "core/atomic_file.h"
#include "core/json_text.h"
#include "core/own_json.h"
#include "train/history.h"

namespace sure {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

Json epochs_to_json(const std::vector<EpochTime>& epochs) {
  Json json = Json::array();
  for (const EpochTime& epoch : epochs)
    json.push_back({{"seconds", epoch.seconds}, {"data_seconds", epoch.data_seconds}});
  return json;
}

}  // namespace

bool starts_anew(const TrainOptions& options) { return options.do_train && options.resume.empty(); }

void save_config(const RunConfig& config, const Json& json) {
  write_file(fs::path(config.train.output_dir) / "config.json", json_text(json));
}

Json trained_to_json(const TrainResult& trained) {
  return {{"steps", trained.steps},
          {"best_step", trained.best_step},
          {"best_metric", trained.best_metric},
          {"best_by", trained.best_by},
          {"stopped_early", trained.stopped_early},
          {"seconds_per_step", trained.seconds_per_step},
          {"seconds", trained.seconds},
          {"epochs", epochs_to_json(trained.epochs)},
          {"skipped_clips", trained.skipped_clips},
          {"curves", history_to_json(trained.history)}};
}

Json earlier_results(const fs::path& folder) {
  Json json = json_or_null(folder / "results.json");
  return json.is_object() ? json : Json::object();
}

void write_results(const RunConfig& config, const Json& results) {
  write_file(fs::path(config.train.output_dir) / "results.json", json_text(results));
}

}  // namespace sure
