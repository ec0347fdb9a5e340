// Labels of frames (a clip's word or speaker, or aligned phones) to judge clusters by.
#pragma once

#include <filesystem>
#include <string>

#include "backbone/config.h"
#include "metrics/cluster_quality.h"
#include "pretrain/targets.h"

namespace sure {

struct LabelOptions {
  std::string labels;
  std::string label_column = "label";
};

template <class Visitor>
void visit_options(LabelOptions& o, Visitor&& visit) {
  visit("labels", o.labels, "TSV with path and a label of each clip, to judge the clusters by; empty = none");
  visit("label_column", o.label_column, "its column of labels; phones: aligned ones, as in 'HH:0.12 AY:0.3' (ends, s)");
}

/// How well the targets agree with the labels. Relative paths count from the file's folder; clips that are not
/// pre-trained on and empty labels are skipped. Throws Error, with file and line, for rows that do not fit, and where
/// no row names a clip.
ClusterQuality judge_targets(const LabelOptions& options, const Corpus& corpus, const Targets& targets,
                             const BackboneConfig& student);

}  // namespace sure
