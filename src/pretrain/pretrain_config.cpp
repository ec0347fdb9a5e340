#include "pretrain/pretrain_config.h"

#include <filesystem>
#include <limits>

#include "backbone/backbone.h"
#include "core/error.h"
#include "core/options.h"
#include "core/range.h"
#include "pretrain/save_model.h"

namespace sure {

namespace {

constexpr Range kRanges[] = {
    {"min_seconds", 0.1}, {"valid_share", 0, 0.5},      {"clusters", 2, std::numeric_limits<int16_t>::max()},
    {"kmeans_frames", 1}, {"teacher_layer", 0},         {"mask_prob", 0.001, 1},
    {"mask_length", 1},   {"unmasked_weight", 0},       {"feature_penalty", 0},
    {"final_dim", 1},     {"noise_prob", 0, 1},         {"gain_db", 0, 40},
    {"max_steps", 1},     {"batch_seconds", 0.1},       {"max_seconds", 0.1},
    {"learning_rate", 0}, {"warmup_ratio", 0, 1},       {"weight_decay", 0},
    {"max_grad_norm", 0}, {"front_end_gradient", 0, 1}, {"eval_steps", 1},
    {"save_steps", 1},    {"save_total_limit", 0},      {"logging_steps", 1},
    {"seed", 0},          {"channel_prob", 0, 1},       {"label_weight", 0},
};

}  // namespace

void validate(const PretrainConfig& config) {
  check_ranges(options_to_json(config), kRanges);
  find_save_dtype(config.training.save_dtype);
  if (config.augment.noise_snr_min > config.augment.noise_snr_max) {
    fail_usage("--noise_snr_min {} is above --noise_snr_max {}", config.augment.noise_snr_min,
               config.augment.noise_snr_max);
  }
  if (config.augment.gain_db > 0 && config.shape.do_normalize) {
    fail_usage("--gain_db {}: normalising undoes it; give --do_normalize False", config.augment.gain_db);
  }
  if (const std::string& labels = config.labels.labels; !labels.empty() && !std::filesystem::is_regular_file(labels)) {
    fail("--labels {}: no such file", labels);
  }
  if (config.objective.label_weight > 0 && config.labels.labels.empty()) {
    fail_usage("--label_weight {:g} needs --labels, a TSV", config.objective.label_weight);
  }
  if (config.teacher.teacher.empty() && config.teacher.teacher_layer > 0) {
    fail_usage("--teacher_layer {} needs --teacher, a model folder", config.teacher.teacher_layer);
  }
  for (const std::string& model : {config.teacher.teacher, config.training.init_from}) {
    if (!model.empty()) load_backbone_config(model);  // before hours of recordings
  }
}

}  // namespace sure
