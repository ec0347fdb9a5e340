#include "tasks/task.h"

#include <algorithm>
#include <cctype>

#include "core/registry.h"
#include "tasks/sequence_classification.h"

namespace sure {

namespace {

constexpr int64_t kMaxSamples = 40000;        // 2.5 s at 16 kHz
constexpr int64_t kSpeakerFrozenLayers = 20;  // of XLSR-53's 24

Task utterance_task(std::string name, std::vector<std::string> aliases, std::string help, std::string metric) {
  Task task;
  task.name = std::move(name);
  task.aliases = std::move(aliases);
  task.help = std::move(help);
  task.metric = std::move(metric);
  task.greater_is_better = true;
  task.max_samples = kMaxSamples;
  task.finetune_freezes_front_end = false;
  task.finetune_freezes_layers = 0;
  task.make_head = make_sequence_classification_head;
  task.loss = classification_loss;
  task.metrics = classification_metrics;
  task.metric_names = {"accuracy", "f1", "macro_f1"};
  return task;
}

Task speaker_task() {
  Task task = utterance_task("speaker", {"SR"}, "who speaks", "accuracy");
  task.finetune_freezes_front_end = true;
  task.finetune_freezes_layers = kSpeakerFrozenLayers;
  return task;
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

const std::vector<Task>& tasks() {
  static const std::vector<Task> table = {
      utterance_task("emotion", {"SER"}, "which emotion the voice shows", "f1"),
      speaker_task(),
      utterance_task("keyword", {"KS"}, "which command word is said", "accuracy"),
      utterance_task("classify", {}, "any one label per clip", "accuracy"),
  };
  return table;
}

const Task& find_task(const std::string& name) {
  const auto is_meant = [wanted = lower_case(name)](const std::string& known) { return lower_case(known) == wanted; };
  for (const Task& task : tasks()) {
    if (is_meant(task.name) || std::any_of(task.aliases.begin(), task.aliases.end(), is_meant)) return task;
  }
  return find_row(tasks(), name, "task");
}

}  // namespace sure
