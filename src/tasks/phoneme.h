// Phoneme recognition: ARPAbet symbols with stress by CTC. The words of a transcript become phonemes through a lexicon.
#pragma once

#include <memory>

#include "tasks/task.h"

namespace sure {

/// Words -> symbols; targets that are symbols already are checked. Notes how many words the lexicon lacked and who
/// pronounced them. Throws a usage Error without a lexicon.
void prepare_phonemes(Dataset& data, const TargetOptions& options);

/// The 72 symbols of the benchmark behind the special tokens.
Labels phoneme_labels(const Dataset& data, const TargetOptions& options);

/// The roles of --vocab's tokens, which are words unless a delimiter stands between these; nothing without --vocab.
std::optional<TokenRoles> phoneme_roles(const TargetOptions& options);

/// Metric: per.
std::unique_ptr<Objective> make_phoneme_objective(const Labels& tokens,
                                                  const std::optional<TokenRoles>& roles = std::nullopt);

}  // namespace sure
