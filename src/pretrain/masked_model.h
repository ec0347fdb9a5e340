// A HuBERT with the head of masked prediction (Hsu et al. 2021, section II): frames are masked in spans, and the model
// tells the clusters of the masked ones from what is around them.
#pragma once

#include <memory>
#include <string>

#include "backbone/backbone.h"
#include "core/options.h"
#include "data/batch.h"
#include "nn/linear.h"

namespace sure {

struct ObjectiveOptions {
  double mask_prob = 0.08;
  int64_t mask_length = 10;
  // HuBERT has 0 and 10 here. For hours, not weeks, of training: frames that are seen teach the front-end directly, and
  // the penalty would shrink its output to where GELU is a straight line.
  double unmasked_weight = 1;
  double label_weight = 0;
  double feature_penalty = 0;
  int64_t final_dim = 256;
};

template <class Visitor>
void visit_options(ObjectiveOptions& o, Visitor&& visit) {
  visit("mask_prob", o.mask_prob, Declaration("share of frames at which a masked span starts").range(0.001, 1));
  visit("mask_length", o.mask_length, Declaration("frames in a masked span").range(1));
  visit("unmasked_weight", o.unmasked_weight,
        Declaration("weight of the loss over frames that are not masked").range(0));
  visit("label_weight", o.label_weight,
        Declaration("weight of telling the labels of --labels too, of all frames that have one").range(0));
  visit("feature_penalty", o.feature_penalty,
        Declaration("weight of the mean square of the front-end's output").range(0));
  visit("final_dim", o.final_dim,
        Declaration("size of the space in which hidden states and clusters are compared").range(1));
}

/// Logits over clusters: cosine of the projected hidden state and each cluster's embedding, over a temperature of 0.1.
class ClusterHead {
 public:
  ClusterHead(const Scope& scope, int64_t hidden_size, int64_t final_dim, int64_t clusters);

  /// [N, D] of any type -> fp32 [N, K].
  Tensor forward(const Tensor& hidden) const;

 private:
  Linear projection_;
  Tensor embeddings_;  // [K, final_dim]
};

/// How well masked frames, and labels, were predicted. Of a batch that several processes share, each has the part that
/// its rows add: parts add up to the whole, except for the numbers of frames, which each has in full.
struct MaskedLoss {
  Tensor total;              // what is minimised: a scalar with its gradient
  double cross_entropy = 0;  // mean over the masked frames, nats
  double penalty = 0;        // mean square of the front-end's output, unweighted
  int64_t correct = 0;       // masked frames whose cluster has the largest logit
  int64_t masked = 0;
  double label_cross_entropy = 0;  // mean over the labelled frames, nats
  int64_t label_correct = 0;       // labelled frames whose label has the largest logit
  int64_t labelled = 0;
};

class MaskedModel {
 public:
  /// Fresh weights from the seed. `start`: a model folder from which the backbone's weights are taken instead; empty =
  /// none. `labels`: how many there are to tell besides, by a head of their own, from frames that are seen or masked,
  /// as PBERT (Wang et al. 2022) does with phones; 0 = none. Throws Error where its tensors have other shapes.
  MaskedModel(const BackboneConfig& config, const ObjectiveOptions& options, int64_t clusters, int64_t labels,
              uint64_t seed, const std::string& start, at::Device device);

  /// Spans for a batch, bool [rows of all processes, T], from torch's default generator.
  Tensor draw_mask(const Batch& batch) const;

  /// Runs the model on the batch with these frames masked, in fp32 or bf16; with dropout and gradients when `training`.
  MaskedLoss loss(const Batch& batch, const Tensor& mask, at::ScalarType dtype, bool training) const;

  /// "backbone.…", "head.…" and, with labels, "label_head.…", fp32.
  const ParameterList& parameters() const { return parameters_; }
  const Backbone& backbone() const { return *backbone_; }

 private:
  void place(at::Device device);
  Tensor frames_of(const Batch& batch) const;

  ObjectiveOptions options_;
  std::unique_ptr<Backbone> backbone_;
  ParameterList parameters_;
  std::unique_ptr<ClusterHead> head_;
  std::unique_ptr<ClusterHead> label_head_;  // none without labels
  at::Device device_;
};

}  // namespace sure
