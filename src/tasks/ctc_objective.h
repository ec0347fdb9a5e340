// Transcripts by connectionist temporal classification (Graves et al. 2006): the loss over unsegmented tokens,
// decoding. Labels are the tokens; their roles say which is the blank.
#pragma once

#include <memory>

#include "metrics/error_rate.h"
#include "tasks/objective.h"
#include "tasks/task.h"

namespace sure {

using Sentences = std::vector<std::string>;

/// An error rate: the edits between references and hypotheses in one unit.
struct EditKind {
  const char* unit;  // "words"
  const char* rate;  // "wer"
  EditCounts (*count)(const Sentences& references, const Sentences& hypotheses);
};

/// How transcripts are measured against their references.
struct TranscriptMeasure {
  std::vector<EditKind> kinds;  // single clips get all counts in the unit of the first
  Metrics (*others)(const Sentences& references, const Sentences& hypotheses) = nullptr;  // besides these rates
};

/// Loss: each clip's divided by its number of tokens, then the mean over the batch (transformers' ctc_loss_reduction
/// "mean"). A transcript that is longer than the clip has frames cannot be aligned: it has no share and is counted.
/// Without `roles`, those that names tell.
std::unique_ptr<Objective> make_ctc_objective(const Labels& tokens, TranscriptMeasure measure,
                                              const std::optional<TokenRoles>& roles);

}  // namespace sure
