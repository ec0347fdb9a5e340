// Labels of frames (a clip's word or speaker, or aligned phones) to judge clusters by.
#pragma once

#include <filesystem>

#include "backbone/config.h"
#include "metrics/cluster_quality.h"
#include "pretrain/targets.h"

namespace sure {

/// How well the targets agree with the labels in a TSV file with the columns path, label and, where a label holds for a
/// part of the clip only, start and end (seconds). Relative paths count from the file's folder; clips that are not
/// pre-trained on are skipped. Throws Error, with file and line, for rows that do not fit and where no row names a
/// clip.
ClusterQuality judge_targets(const std::filesystem::path& labels, const Corpus& corpus, const Targets& targets,
                             const BackboneConfig& student);

}  // namespace sure
