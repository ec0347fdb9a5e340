#include "tasks/task.h"

#include <algorithm>
#include <set>

#include "core/registry.h"
#include "tasks/heads.h"
#include "tasks/rows.h"
#include "text/utf8.h"

namespace sure {

namespace {

constexpr int64_t kSpeakerFrozenLayers = 20;  // of XLSR-53's 24
constexpr int64_t kIntentMaxSamples = 220000;
constexpr int64_t kIntentPatience = 3;

Task class_task(std::string name, std::vector<std::string> aliases, std::string help, std::string metric, Field field) {
  Task task;
  task.wanted.field = field;
  task.name = std::move(name);
  task.aliases = std::move(aliases);
  task.help = std::move(help);
  task.metric = std::move(metric);
  task.metric_names = {"accuracy", "f1", "macro_f1", "uar"};
  task.prepare = prepare_classes;
  task.labels = class_labels;
  task.make_head = make_sequence_classification_head;
  task.make_objective = make_classification_objective;
  return task;
}

Task speaker_task() {
  Task task = class_task("speaker", {"SR"}, "who speaks", "accuracy", Field::speaker);
  task.wanted.splits = SplitPolicy::heard_speakers;
  task.finetune_freezes_front_end = true;
  task.finetune_freezes_layers = kSpeakerFrozenLayers;
  return task;
}

Task intent_task() {
  Task task = class_task("intent", {"IC"}, "action, object and location of a command", "accuracy", Field::intent);
  task.metric_names = {"accuracy", "action_accuracy", "object_accuracy", "location_accuracy"};
  task.max_samples = kIntentMaxSamples;
  task.early_stopping_patience = kIntentPatience;
  task.prepare = prepare_intents;
  task.labels = intent_labels;
  task.make_objective = make_intent_objective;
  return task;
}

Task transcript_task(std::string name, std::vector<std::string> aliases, std::string help, std::string metric,
                     Field field) {
  Task task;
  task.wanted = {field, SplitPolicy::transcripts};
  task.name = std::move(name);
  task.aliases = std::move(aliases);
  task.help = std::move(help);
  task.metric = std::move(metric);
  task.metric_names = {"wer", "cer"};
  task.tie_breakers = {"cer"};
  task.output = OutputKind::transcript;
  task.max_samples = 0;
  task.padding = Padding::longest;
  task.lr_scheduler_type = "three_phase";
  task.finetune_freezes_front_end = true;
  task.prepare = prepare_transcripts;
  task.labels = character_labels;
  task.roles = given_roles;
  task.make_head = make_ctc_head;
  task.make_objective = make_transcript_objective;
  return task;
}

Task phoneme_task() {
  Task task = transcript_task("phoneme", {"PR"}, "which phonemes are said", "per", Field::phonemes);
  task.metric_names = {"per"};
  task.tie_breakers.clear();
  task.prepare = prepare_phonemes;
  task.labels = phoneme_labels;
  task.roles = phoneme_roles;
  task.make_objective = make_phoneme_objective;
  return task;
}

Task slot_task() {
  Task task = transcript_task("slot", {"SF"}, "a transcript with its slots marked", "slot_type_f1", Field::slots);
  task.metric_names = {"slot_type_f1", "slot_value_cer", "wer", "cer"};
  task.tie_breakers = {"slot_value_cer", "cer"};
  task.prepare = prepare_slots;
  task.labels = slot_labels;
  task.make_objective = make_slot_objective;
  return task;
}

Task verification_task() {
  Task task;
  task.name = "verification";
  task.aliases = {"SV"};
  task.help = "whether two clips are of one speaker";
  task.metric = "eer";
  task.metric_names = {"eer", "min_dcf"};
  task.tie_breakers = {"min_dcf"};
  task.output = OutputKind::embedding;
  task.wanted = {Field::voice, SplitPolicy::new_speakers};
  task.finetune_freezes_front_end = true;
  task.prepare = prepare_classes;
  task.labels = voice_labels;
  task.make_head = make_x_vector_head;
  task.make_objective = make_verification_objective;
  return task;
}

constexpr const char* kTranscribing = "asr";

/// The loss of known speech tells the best model.
Task synthesis_task() {
  Task task;
  task.name = "tts";
  task.aliases = {"TTS"};
  task.help = "speech from text";
  task.metric = "loss";
  task.wanted = {Field::text, SplitPolicy::heard_speakers};
  task.max_samples = 0;
  task.padding = Padding::longest;
  task.lr_scheduler_type = "three_phase";
  task.prepare = prepare_spoken_texts;
  return task;
}

/// For labels of any kind.
Task classify_task() {
  Task task = class_task("classify", {}, "any one label per clip", "accuracy", Field::label);
  task.wanted.task_of_texts = kTranscribing;
  return task;
}

}  // namespace

const std::vector<Task>& tasks() {
  static const std::vector<Task> table = {
      class_task("emotion", {"SER"}, "which emotion the voice shows", "f1", Field::emotion),
      speaker_task(),
      class_task("keyword", {"KS"}, "which command word is said", "accuracy", Field::keyword),
      intent_task(),
      slot_task(),
      transcript_task(kTranscribing, {"ASR"}, "what is said", "wer", Field::text),
      phoneme_task(),
      verification_task(),
      synthesis_task(),
      classify_task(),
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

bool greater_is_better(const std::string& metric) {
  static const std::set<std::string> errors = {"loss", "wer", "cer", "per", "slot_value_cer", "eer", "min_dcf"};
  return !errors.contains(metric);
}

std::string describe_tasks() {
  std::vector<std::string> names;
  for (const Task& task : tasks()) {
    const bool has_alias = !task.aliases.empty() && lower_case(task.aliases.front()) != task.name;
    const std::string alias = has_alias ? task.aliases.front() + ", " : "";
    names.push_back(fmt::format("{} ({}{})", task.name, alias, task.help));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace sure
