#include "cli/folds.h"

#include <fmt/format.h>

#include "cli/child_run.h"
#include "cli/comparison.h"
#include "cli/run_flags.h"
#include "cli/signals.h"
#include "core/atomic_file.h"
#include "core/error.h"
#include "core/json_text.h"
#include "core/options.h"
#include "data/dataset.h"
#include "tasks/task.h"
#include "tasks/task_data.h"
#include "train/output_folder.h"

namespace sure {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

void check(const RunConfig& config) {
  const TrainOptions& train = config.train;
  if (!train.do_train || !train.do_predict) {
    fail_usage("--folds trains and tests every fold: leave --do_train and --do_predict True");
  }
  if (!train.resume.empty() && train.resume != "latest") {
    fail_usage("--resume {}: with --folds only 'latest'", train.resume);
  }
}

}  // namespace

std::string format_folds(const Json& averaged) {
  std::vector<Cells> table = {{"fold", "clips"}};
  const Json& mean = averaged.at("mean");
  for (const auto& metric : mean.items()) table.front().push_back(metric.key());
  for (const Json& fold : averaged.at("folds")) {
    Cells& row = table.emplace_back(Cells{fold.at("name").get<std::string>(), fold.at("clips").dump()});
    for (const auto& metric : mean.items()) {
      row.push_back(fmt::format("{:.4f}", fold.at("metrics").at(metric.key()).get<double>()));
    }
  }
  Cells& row = table.emplace_back(Cells{"mean", averaged.at("test").at("clips").dump()});
  for (const auto& [name, value] : mean.items()) {
    const Spread spread = {value.get<double>(), averaged.at("deviation").at(name).get<double>()};
    row.push_back(format_spread(spread, 4, averaged.at("folds").size()));
  }
  return align_columns(table);
}

void train_folds(const RunConfig& config, bool overwrite_output_dir) {
  check(config);
  const fs::path folder = config.train.output_dir;
  const bool fresh = config.train.resume.empty();
  OutputFolder output(folder, training_layout(), fate_of_earlier(fresh, overwrite_output_dir), options_to_json(config));
  const std::vector<std::string> names = read_fold_names(config.data, config.task);
  for (const std::string& note : output.make()) fmt::print(stderr, "{}\n", note);
  write_file(folder / "config.json", json_text(config_to_json(config)));
  explain_interrupt("interrupted: the same command with --resume latest keeps the finished folds");
  std::vector<nlohmann::json> results;
  for (size_t i = 0; i < names.size(); ++i) {
    RunConfig part = part_of_run(config, fold_folder(i));
    part.data.fold = static_cast<int64_t>(i) + 1;
    results.push_back(train_in_child(part, overwrite_output_dir));
  }
  const Json averaged = average_folds(names, results);
  write_file(folder / "results.json", json_text(averaged));
  fmt::print("{}results: {}\n", format_folds(averaged), (folder / "results.json").string());
}

}  // namespace sure
