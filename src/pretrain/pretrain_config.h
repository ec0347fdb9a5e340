// Every option of a pre-training run.
#pragma once

#include <cstdint>
#include <string>

#include "core/options.h"
#include "pretrain/clip_batch.h"
#include "pretrain/corpus.h"
#include "pretrain/frame_features.h"
#include "pretrain/frame_labels.h"
#include "pretrain/masked_model.h"
#include "pretrain/model_shape.h"
#include "pretrain/save_model.h"
#include "pretrain/targets.h"

namespace sure {

struct PretrainOptions {
  std::string output_dir = "output";
  std::string init_from;
  int64_t max_steps = 25000;
  double batch_seconds = 20;
  double max_seconds = 15.6;
  double learning_rate = 1e-3;
  double warmup_ratio = 0.08;
  double weight_decay = 0.01;
  double max_grad_norm = 10;
  double front_end_gradient = 1;
  bool bf16 = false;
  std::string device = "auto";
  int64_t eval_steps = 500;
  int64_t save_steps = 500;
  int64_t save_total_limit = 2;
  int64_t logging_steps = 10;
  std::string save_dtype = "fp32";
  std::string resume;
  int64_t seed = 1314;
};

template <class Visitor>
void visit_options(PretrainOptions& o, Visitor&& visit) {
  visit("output_dir", o.output_dir,
        Declaration("folder for model/, targets, checkpoints, log/, results.json").free_on_resume());
  visit("init_from", o.init_from,
        Declaration("model folder whose weights to start from; empty = fresh ones").free_on_resume());
  visit("max_steps", o.max_steps, Declaration("optimiser steps").range(1));
  visit("batch_seconds", o.batch_seconds,
        Declaration("clips of like length up to so many seconds, padding included, are a batch").range(0.1));
  visit("max_seconds", o.max_seconds,
        Declaration("of longer clips, a piece of that length drawn anew in each epoch").range(0.1));
  visit("learning_rate", o.learning_rate, Declaration("peak rate of AdamW").range(0));
  visit("warmup_ratio", o.warmup_ratio,
        Declaration("share of the steps in which the rate rises from 0; then it falls to 0").range(0, 1));
  visit("weight_decay", o.weight_decay, Declaration("AdamW weight decay (not on biases and norms)").range(0));
  visit("max_grad_norm", o.max_grad_norm, Declaration("clip the gradient norm; 0 = never").range(0));
  visit("front_end_gradient", o.front_end_gradient, Declaration("factor of the front-end's gradient").range(0, 1));
  visit("bf16", o.bf16, "compute in bfloat16; parameters and the optimiser stay fp32");
  visit("device", o.device,
        Declaration("where to compute; auto: cuda when torch has it").one_of({"cpu", "cuda", "auto"}).free_on_resume());
  visit("eval_steps", o.eval_steps, Declaration("validate every N steps").range(1).free_on_resume());
  visit("save_steps", o.save_steps,
        Declaration("write a checkpoint and model/ every N steps").range(1).free_on_resume());
  visit("save_total_limit", o.save_total_limit,
        Declaration("keep that many checkpoints; 0 = all").range(0).free_on_resume());
  visit("logging_steps", o.logging_steps, Declaration("log to TensorBoard every N steps").range(1).free_on_resume());
  visit("save_dtype", o.save_dtype,
        Declaration("type of the weights in model/").one_of(save_dtype_names()).free_on_resume());
  visit("resume", o.resume, Declaration("go on from a checkpoint folder, or 'latest' in output_dir").free_on_resume());
  visit("seed", o.seed, Declaration("seed of everything random").range(0));
}

struct PretrainConfig {
  CorpusOptions corpus;
  ShapeOptions shape;
  TeacherOptions teacher;
  ClusterOptions clusters;
  ObjectiveOptions objective;
  AugmentOptions augment;
  LabelOptions labels;
  PretrainOptions training;
};

template <class Visitor>
void visit_options(PretrainConfig& c, Visitor&& visit) {
  visit_options(c.corpus, visit);
  visit_options(c.shape, visit);
  visit_options(c.teacher, visit);
  visit_options(c.clusters, visit);
  visit_options(c.objective, visit);
  visit_options(c.augment, visit);
  visit_options(c.labels, visit);
  visit_options(c.training, visit);
}

/// Throws a usage Error, naming the flag, for values out of range and flags that contradict each other.
void validate(const PretrainConfig& config);

}  // namespace sure
