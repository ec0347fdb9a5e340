// Speech synthesis: the texts of recordings that teach a model to speak.
#include "tasks/synthesis.h"

#include "tasks/rows.h"
#include "text/spoken_english.h"

namespace sure {

bool makes_speech(const Task& task) { return task.make_objective == nullptr; }

void prepare_spoken_texts(Dataset& data, const TargetOptions& /*options*/) {
  rewrite_targets(data, [](const std::string& text) { return can_be_said(text) ? text : std::string(); });
}

}  // namespace sure
