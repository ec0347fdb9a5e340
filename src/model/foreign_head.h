// The head of a model that transformers fine-tuned, alone or under a PEFT adapter, seen as one of ours.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "backbone/backbone.h"
#include "model/adapter_folder.h"

namespace sure {

/// Whether a tensor of this name ("lm_head.weight") belongs to a head of transformers.
bool is_head_tensor(const std::string& name);

/// The head whose tensors are in `own` or else in the base's checkpoint: Wav2Vec2ForCTC's, …ForSequenceClassification's
/// or …ForXVector's: an adapter of the method head. Classes are named by the base's config ("LABEL_0" … where it has no
/// names), tokens by the vocabulary of the first of `folders` that has one. `origin` leads the messages. Throws Error
/// where there is no such head, naming the class of the checkpoint, and a usage Error for names that do not fit it.
SavedAdapter find_foreign_head(const ParameterList& own, const LoadedBackbone& base, const ForeignNames& names,
                               const std::vector<std::filesystem::path>& folders, const std::string& origin);

/// Whether the classes are only numbered, as transformers numbers them: "LABEL_0", "LABEL_1" …
bool are_placeholders(const Labels& labels);

/// How such models are heard in Python: no clip sees another's padding. Clips are whole where max_samples stays open.
ModelOptions foreign_model_options(const std::string& model);

}  // namespace sure
