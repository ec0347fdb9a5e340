#include "train/run_config.h"

#include <algorithm>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/options.h"
#include "core/range.h"
#include "core/registry.h"
#include "data/folds.h"
#include "text/letter_case.h"
#include "train/best_model.h"
#include "train/schedule.h"

namespace sure {

namespace {

constexpr double kMostGigabytes = 1e6;  // their bytes must fit into 63 bits
constexpr double kWidestHead = 65536;   // wider than any layer

constexpr double kMostSeconds = 1e6;  // and the samples of these

constexpr Range kRanges[] = {
    {"eval_steps", 1, kMostCounted},
    {"save_steps", 1, kMostCounted},
    {"save_total_limit", 0, kMostCounted},
    {"learning_rate", 0},
    {"warmup_ratio", 0, 1},
    {"warmup_steps", 0, kMostCounted},
    {"num_train_epochs", 0, kMostCounted},
    {"max_steps", -1, kMostCounted},
    {"per_device_train_batch_size", 1, kMostCounted},
    {"per_device_eval_batch_size", 1, kMostCounted},
    {"gradient_accumulation_steps", 1, kMostCounted},
    {"weight_decay", 0},
    {"max_grad_norm", 0},
    {"batch_seconds", 0, kMostSeconds},
    {"speed_perturbation", 0, 0.5},
    {"logging_steps", 1, kMostCounted},
    {"early_stopping_patience", -1, kMostCounted},
    {"seed", 0, kMostExact},
    {"cache_gb", 0, kMostGigabytes},
    {"cache_copies", 0, kMostCounted},
    {"max_samples", -1, kMostCounted},
    {"mask_time_prob", 0, 1},
    {"mask_time_length", 1, kMostCounted},
    {"mask_feature_prob", 0, 1},
    {"mask_feature_length", 1, kMostCounted},
    {"clips_per_class", 0, kMostCounted},
    {"fold", 0, kMostCounted},
    {"split_seed", 0, kMostExact},
    {"beam_width", 1, kMostCounted},
    {"classifier_proj_size", 0, kWidestHead},
};

void check_strategy(const char* flag, const std::string& value) {
  static const std::vector<std::string> known = {"no", "steps", "epoch"};
  if (std::find(known.begin(), known.end(), value) != known.end()) return;
  fail_usage("--{} {}: use one of {}", flag, value, fmt::join(known, ", "));
}

void check_names(const RunConfig& config) {
  check_strategy("evaluation_strategy", config.train.evaluation_strategy);
  check_strategy("save_strategy", config.train.save_strategy);
  if (!config.train.lr_scheduler_type.empty()) {
    find_row(schedules(), config.train.lr_scheduler_type, "lr_scheduler_type");
  }
  find_letter_case(config.target.text.letter_case);
  if (!config.task.empty()) {
    BestModelRule(find_task(config.task), config.train);
  } else if (!config.train.greater_is_better.empty()) {
    parse_bool("greater_is_better", config.train.greater_is_better);
  }
}

void check_length(const TrainOptions& o) {
  if (o.max_steps <= 0 && o.num_train_epochs <= 0) {
    fail_usage("--num_train_epochs {}: nothing would train; give more than 0, or --max_steps", o.num_train_epochs);
  }
  if (o.max_steps > 0 && o.warmup_steps >= o.max_steps) {
    fail_usage("--warmup_steps {} leaves no step of --max_steps {}: use fewer", o.warmup_steps, o.max_steps);
  }
}

void check_batches(const RunConfig& c) {
  if (c.train.batch_seconds == 0) return;
  if (c.train.group_by_length) fail_usage("--batch_seconds groups clips by length itself: leave --group_by_length out");
  const bool by_task = !c.model.padding && !c.task.empty();
  if ((by_task ? find_task(c.task).padding : c.model.padding) == Padding::max_length) {
    fail_usage("--batch_seconds with --padding max_length: every clip would be equally long; use --padding longest");
  }
}

void check_cache(const TrainOptions& o) {
  static const std::vector<std::string> known = {"off", "memory", "disk"};
  if (std::find(known.begin(), known.end(), o.cache) == known.end()) {
    fail_usage("--cache {}: use one of {}", o.cache, fmt::join(known, ", "));
  }
  if (!o.cache_dir.empty() && o.cache != "disk") fail_usage("--cache_dir needs --cache disk");
  if (o.cache_copies > 0 && o.speed_perturbation == 0) {
    fail_usage("--cache_copies {}: there is no augmentation to draw from; give --speed_perturbation", o.cache_copies);
  }
}

void check_speakers(const DataOptions& o) {
  for (const std::string& speaker : o.valid_speakers) {
    if (std::find(o.test_speakers.begin(), o.test_speakers.end(), speaker) == o.test_speakers.end()) continue;
    fail_usage("--valid_speakers and --test_speakers both name '{}': a speaker can be in one split only", speaker);
  }
}

}  // namespace

void validate(const RunConfig& config) {
  check_ranges(options_to_json(config), kRanges);
  validate(config.model);
  validate(config.tuning);
  check_decode_options(config.decode);
  check_names(config);
  check_length(config.train);
  check_batches(config);
  check_cache(config.train);
  check_speakers(config.data);
  check_folds(config.data);
  if (config.train.do_train || config.train.do_eval || config.train.do_predict) return;
  fail_usage("--do_train, --do_eval and --do_predict are all False: there is nothing to do");
}

nlohmann::ordered_json config_to_json(RunConfig config) {
  config.train.resume.clear();
  return options_to_json(config);
}

ModelSpec model_spec(const RunConfig& config, const Labels& labels) {
  const Task& task = find_task(config.task);
  const auto roles = task.roles == nullptr ? std::nullopt : task.roles(config.target);
  return {config.task, config.model, config.tuning, config.head, config.target, labels, roles};
}

}  // namespace sure
