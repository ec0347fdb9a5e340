#include "train/speech_options.h"

#include "core/error.h"
#include "core/options.h"
#include "tasks/synthesis.h"

namespace sure {

void check_speech_options(const SpeechRunConfig& config) {
  const nlohmann::ordered_json given = options_to_json(config.speech), usual = options_to_json(SpeechOptions());
  check_options(config.speech);
  if (makes_speech(find_task(config.task))) {
    if (!config.data.folds.empty()) fail_usage("--folds: not for --task {}", config.task);
    return;
  }
  for (const auto& item : given.items()) {
    if (item.value() != usual.at(item.key()))
      fail_usage("--{}: only for --task tts, not for {}", item.key(), config.task);
  }
}

}  // namespace sure
