// Transcripts by connectionist temporal classification (Graves et al. 2006): the loss over unsegmented tokens,
// decoding. Labels are the tokens; blank is "<pad>".
#pragma once

#include <memory>

#include "tasks/objective.h"
#include "tasks/task.h"

namespace sure {

/// Metrics of transcripts against references, in the same order.
using TranscriptMetrics = Metrics (*)(const std::vector<std::string>& references,
                                      const std::vector<std::string>& hypotheses);

/// Loss: each clip's divided by its number of tokens, then the mean over the batch (transformers' ctc_loss_reduction
/// "mean"). A transcript that is longer than the clip has frames cannot be aligned: it has no share and is counted.
std::unique_ptr<Objective> make_ctc_objective(const Labels& tokens, TranscriptMetrics measure);

}  // namespace sure
