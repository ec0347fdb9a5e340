#include "pretrain/pretrain_config.h"

#include <filesystem>

#include "backbone/backbone.h"
#include "core/error.h"
#include "core/options.h"

namespace sure {

void validate(const PretrainConfig& config) {
  check_options(config);
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
  if (config.corpus.audio.empty()) fail_usage("--audio is needed");
  for (const std::string& name : config.corpus.audio) {
    if (!std::filesystem::exists(name)) fail("--audio {}: no such file or folder", name);
  }
}

}  // namespace sure
