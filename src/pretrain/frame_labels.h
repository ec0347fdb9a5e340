// Labels of frames (a clip's word or speaker, or aligned phones): what clusters are judged by, or what is learnt.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "backbone/config.h"
#include "core/options.h"
#include "metrics/cluster_quality.h"
#include "pretrain/targets.h"

namespace sure {

struct LabelOptions {
  std::string labels;
  std::string label_column = "label";
};

template <class Visitor>
void visit_options(LabelOptions& o, Visitor&& visit) {
  visit("labels", o.labels,
        Declaration("TSV with path and a label of each clip, to judge the clusters by, or to learn with --label_weight")
            .free_on_resume());
  visit("label_column", o.label_column,
        Declaration("its column of labels; phones: aligned ones, as in 'HH:0.12 AY:0.3' (ends, s)").free_on_resume());
}

class FrameLabels {
 public:
  /// Those of a corpus's clips. Relative paths count from the file's folder; rows of other clips and empty labels are
  /// skipped. Throws Error, with file and line, for rows that do not fit, and where no row names a clip.
  FrameLabels(const LabelOptions& options, const Corpus& corpus);

  int64_t count() const { return count_; }

  /// Differs where labels or their ends do.
  uint64_t digest() const { return digest_; }

  /// Of the clip's `frames` frames, int16 [frames]: a frame has the label in whose segment its middle lies, as its
  /// place in the alphabet, or kNoTarget.
  Tensor of(size_t clip, int64_t frames, const BackboneConfig& student) const;

 private:
  /// From where the one before it ends (0) to `end`, in seconds.
  struct Segment {
    int64_t label = 0;
    double end = 0;
  };

  int64_t count_ = 0;
  std::vector<std::vector<Segment>> segments_;  // of each clip
  uint64_t digest_ = 0;
};

/// How well the targets agree with the labels, over the frames that have one.
ClusterQuality judge_targets(const FrameLabels& labels, const Targets& targets, const BackboneConfig& student);

}  // namespace sure
