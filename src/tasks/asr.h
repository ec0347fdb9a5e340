// Speech recognition: characters by CTC.
#pragma once

#include <memory>

#include "tasks/task.h"

namespace sure {

/// Normalises the transcripts and leaves out those that are empty then, with a note.
void prepare_transcripts(Dataset& data, const TargetOptions& options);

/// The tokens of --vocab, or the training transcripts' characters. Throws a usage Error for a --vocab whose letters are
/// all of the other case.
Labels character_labels(const Dataset& data, const TargetOptions& options);

/// The transcripts that say which tokens there are: of training; for evaluation, of all parts.
std::vector<std::string> label_texts(const Dataset& data);

/// The roles of --vocab's tokens; nothing without --vocab.
std::optional<TokenRoles> given_roles(const TargetOptions& options);

/// --vocab's tokens with what the files beside it say. A folder with the weights of a CTC model has as many as its head
/// has outputs.
Vocabulary given_vocabulary(const TargetOptions& options);

/// Metrics: wer and cer over the whole set.
std::unique_ptr<Objective> make_transcript_objective(const Labels& tokens,
                                                     const std::optional<TokenRoles>& roles = std::nullopt);

/// Rewrites every target by `rewrite` and leaves out examples whose target is empty then, with a note. Errors of
/// `rewrite` get the clip's name.
void rewrite_targets(Dataset& data, const std::function<std::string(const std::string&)>& rewrite);

}  // namespace sure
