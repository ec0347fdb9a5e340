// Slot filling: characters and slot marks by CTC; a target is "play B-artist kent james E-artist".
#pragma once

#include <memory>

#include "tasks/task.h"

namespace sure {

/// As prepare_transcripts, keeping the marks.
void prepare_slots(Dataset& data, const TargetOptions& options);

/// The training transcripts' characters, then their marks; or the tokens of --vocab. Throws a usage Error when those
/// lack a mark.
Labels slot_labels(const Dataset& data, const TargetOptions& options);

/// Metrics: slot_type_f1 and slot_value_cer (s3prl's definitions), wer and cer of the words without marks.
std::unique_ptr<Objective> make_slot_objective(const Labels& tokens,
                                               const std::optional<TokenRoles>& roles = std::nullopt);

}  // namespace sure
