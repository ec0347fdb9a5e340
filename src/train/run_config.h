// Every option of a training run, under the names of the original's command line where it had them.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "data/dataset.h"
#include "model/adapted_model.h"
#include "train/schedule.h"

namespace sure {

struct TrainOptions {
  std::string output_dir = "output";
  bool do_train = true;
  bool do_eval = true;
  bool do_predict = true;
  std::string evaluation_strategy = "epoch";
  std::string save_strategy = "epoch";
  int64_t eval_steps = 100;
  int64_t save_steps = 500;
  int64_t save_total_limit = 2;
  double learning_rate = 0;
  std::string lr_scheduler_type;
  double warmup_ratio = 0;
  int64_t warmup_steps = 0;
  double num_train_epochs = 10;
  int64_t max_steps = -1;
  int64_t per_device_train_batch_size = 8;
  int64_t per_device_eval_batch_size = 8;
  int64_t gradient_accumulation_steps = 1;
  double weight_decay = 0;
  double max_grad_norm = 1.0;
  bool group_by_length = false;
  double batch_seconds = 0;
  double speed_perturbation = 0;
  int64_t logging_steps = 10;
  std::string logging_dir;
  bool load_best_model_at_end = true;
  std::string metric_for_best_model;
  std::string greater_is_better;
  int64_t early_stopping_patience = -1;
  std::string init_from;
  std::string resume;
  int64_t seed = 1314;
  bool fp16 = false;
  std::string cache = "off";
  std::string cache_dir;
  double cache_gb = 8;
  int64_t cache_copies = 0;
  bool cuda_graphs = true;
  bool skip_bad = false;
};

template <class Visitor>
void visit_options(TrainOptions& o, Visitor&& visit) {
  visit("output_dir", o.output_dir, "folder for checkpoints, best_model/, results.json");
  visit("do_train", o.do_train, "train");
  visit("do_eval", o.do_eval, "evaluate on the validation split while training");
  visit("do_predict", o.do_predict, "evaluate the best model on the test split at the end");
  visit("evaluation_strategy", o.evaluation_strategy, "no, steps or epoch");
  visit("save_strategy", o.save_strategy, "no, steps or epoch");
  visit("eval_steps", o.eval_steps, "with steps: evaluate every N optimiser steps");
  visit("save_steps", o.save_steps, "with steps: save a checkpoint every N optimiser steps");
  visit("save_total_limit", o.save_total_limit, "keep that many checkpoints (best_model/ aside); 0 = all");
  visit("learning_rate", o.learning_rate, "peak rate of AdamW; 0 = the method's usual one");
  visit("lr_scheduler_type", o.lr_scheduler_type, describe_schedules());
  visit("warmup_ratio", o.warmup_ratio, "share of all steps in which the rate rises from 0");
  visit("warmup_steps", o.warmup_steps, "the same in steps; overrides the ratio when > 0");
  visit("num_train_epochs", o.num_train_epochs, "passes over the training clips");
  visit("max_steps", o.max_steps, "stop after that many optimiser steps; overrides epochs when > 0");
  visit("per_device_train_batch_size", o.per_device_train_batch_size, "clips in a training batch");
  visit("per_device_eval_batch_size", o.per_device_eval_batch_size, "clips in an evaluation batch");
  visit("gradient_accumulation_steps", o.gradient_accumulation_steps, "batches per optimiser step");
  visit("weight_decay", o.weight_decay, "AdamW weight decay (not on biases and norms)");
  visit("max_grad_norm", o.max_grad_norm, "clip the gradient norm; 0 = never");
  visit("group_by_length", o.group_by_length, "batch clips of like length");
  visit("batch_seconds", o.batch_seconds,
        "fill training batches with clips of like length up to that many padded seconds; 0 = a number of clips");
  visit("speed_perturbation", o.speed_perturbation, "draw each clip's speed from {1 - p, 1, 1 + p}");
  visit("logging_steps", o.logging_steps, "log to TensorBoard every N steps");
  visit("logging_dir", o.logging_dir, "TensorBoard folder; empty = <output_dir>/log");
  visit("load_best_model_at_end", o.load_best_model_at_end, "test the best model, not the last");
  visit("metric_for_best_model", o.metric_for_best_model,
        "a metric of the task, or loss; empty = the task's usual one");
  visit("greater_is_better", o.greater_is_better, "True or False; empty = as the metric demands");
  visit("early_stopping_patience", o.early_stopping_patience,
        "stop after N evaluations without a gain; 0 = never, -1 = as the task does");
  visit("init_from", o.init_from,
        "start from this adapter, sure's or PEFT's: its method, options and weights, its head too where the labels are "
        "the same");
  visit("resume", o.resume, "go on from a checkpoint folder, or 'latest' in output_dir");
  visit("seed", o.seed, "seed of everything random");
  visit("fp16", o.fp16, "the original's half precision; computed in bfloat16 here");
  visit("cache", o.cache,
        "compute the frozen part below the lowest trained layer once for each clip, and keep it: off, memory or disk");
  visit("cache_dir", o.cache_dir, "folder of --cache disk, which runs may share; empty = <output_dir>/cache");
  visit("cache_gb", o.cache_gb,
        "size that the cache may reach, on disk with what other runs left in the folder; clips beyond it are computed "
        "each time");
  visit("cache_copies", o.cache_copies,
        "with augmented clips: draw each clip's augmentation from that many, so that they can be cached; 0 = always "
        "anew");
  visit("cuda_graphs", o.cuda_graphs,
        "on a GPU: launch a step's kernels all at once where clips are of one length, with the same numbers");
  visit("skip_bad", o.skip_bad,
        "go on without clips that are unreadable, damaged or too short: all are decoded first, the bad ones named and "
        "counted");
}

struct RunConfig {
  std::string task;
  DataOptions data;
  ModelOptions model;
  TuningOptions tuning;
  HeadOptions head;
  TargetOptions target;
  DecodeOptions decode;  // of the final evaluation; while training, transcripts are decoded greedily
  TrainOptions train;
};

template <class Visitor>
void visit_options(RunConfig& c, Visitor&& visit) {
  visit("task", c.task, "what to train for; empty = the data set's usual one");
  visit_options(c.data, visit);
  visit_options(c.model, visit);
  visit_options(c.tuning, visit);
  visit_options(c.head, visit);
  visit_options(c.target, visit);
  visit_options(c.decode, visit);
  visit_options(c.train, visit);
}

/// Throws a usage Error, naming the flag, for values out of range and flags that contradict each other.
void validate(const RunConfig& config);

/// What config.json holds: every option but --resume, which belongs to one call and not to the run.
nlohmann::ordered_json config_to_json(RunConfig config);

/// Task, model, tuning and head options of a run on these classes.
ModelSpec model_spec(const RunConfig& config, const Labels& labels);

}  // namespace sure
