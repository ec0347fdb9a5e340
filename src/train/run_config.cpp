#include "train/run_config.h"

#include <algorithm>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/options.h"
#include "core/registry.h"
#include "data/folds.h"
#include "train/best_model.h"
#include "train/schedule.h"

namespace sure {

namespace {

void check_names(const RunConfig& config) {
  if (!config.task.empty()) BestModelRule(find_task(config.task), config.train);
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
  if (!o.cache_dir.empty() && o.cache != CacheKind::disk) fail_usage("--cache_dir needs --cache disk");
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

const std::vector<NamedValue<Strategy>>& choices_of(Strategy /*strategy*/) {
  static const std::vector<NamedValue<Strategy>> names = {
      {Strategy::no, "no"}, {Strategy::steps, "steps"}, {Strategy::epoch, "epoch"}};
  return names;
}

const std::vector<NamedValue<CacheKind>>& choices_of(CacheKind /*kind*/) {
  static const std::vector<NamedValue<CacheKind>> names = {
      {CacheKind::off, "off"}, {CacheKind::memory, "memory"}, {CacheKind::disk, "disk"}};
  return names;
}

void validate(const RunConfig& config) {
  check_options(config);
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
