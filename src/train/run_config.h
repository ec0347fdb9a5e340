// Every option of a training run, under the names of the original's command line where it had them.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/options.h"
#include "data/dataset.h"
#include "model/adapted_model.h"
#include "train/schedule.h"

namespace sure {

inline constexpr double kMostSeconds = 1e6;    // and the samples of these
inline constexpr double kMostGigabytes = 1e6;  // their bytes must fit into 63 bits

/// When something happens: never, every so many optimiser steps, at the end of each epoch.
enum class Strategy { no, steps, epoch };
const std::vector<NamedValue<Strategy>>& choices_of(Strategy strategy);

/// Where frozen layers' outputs are kept.
enum class CacheKind { off, memory, disk };
const std::vector<NamedValue<CacheKind>>& choices_of(CacheKind kind);

struct TrainOptions {
  std::string output_dir = "output";
  bool do_train = true;
  bool do_eval = true;
  bool do_predict = true;
  Strategy evaluation_strategy = Strategy::epoch;
  Strategy save_strategy = Strategy::epoch;
  int64_t eval_steps = 100;
  int64_t save_steps = 500;
  int64_t save_total_limit = 2;
  std::optional<double> learning_rate;
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
  std::optional<bool> greater_is_better;
  std::optional<int64_t> early_stopping_patience;
  std::string init_from;
  std::string resume;
  int64_t seed = 1314;
  bool fp16 = false;
  CacheKind cache = CacheKind::off;
  std::string cache_dir;
  double cache_gb = 8;
  int64_t cache_copies = 0;
  bool cuda_graphs = true;
  bool skip_bad = false;
};

template <class Visitor>
void visit_options(TrainOptions& o, Visitor&& visit) {
  visit("output_dir", o.output_dir, Declaration("folder for checkpoints, best_model/, results.json").free_on_resume());
  visit("do_train", o.do_train, Declaration("train").free_on_resume());
  visit("do_eval", o.do_eval, "evaluate on the validation split while training");
  visit("do_predict", o.do_predict,
        Declaration("evaluate the best model on the test split at the end").free_on_resume());
  visit("evaluation_strategy", o.evaluation_strategy, "when to evaluate");
  visit("save_strategy", o.save_strategy, Declaration("when to save a checkpoint").free_on_resume());
  visit("eval_steps", o.eval_steps, Declaration("with steps: evaluate every N optimiser steps").range(1, kMostCounted));
  visit("save_steps", o.save_steps,
        Declaration("with steps: save a checkpoint every N optimiser steps").range(1, kMostCounted).free_on_resume());
  visit("save_total_limit", o.save_total_limit,
        Declaration("keep that many checkpoints (best_model/ aside); 0 = all").range(0, kMostCounted).free_on_resume());
  visit("learning_rate", o.learning_rate, Declaration("peak rate of AdamW").range(0).otherwise("the method's", "0"));
  visit("lr_scheduler_type", o.lr_scheduler_type,
        Declaration(describe_schedules()).one_of(schedule_names()).otherwise("the task's"));
  visit("warmup_ratio", o.warmup_ratio, Declaration("share of all steps in which the rate rises from 0").range(0, 1));
  visit("warmup_steps", o.warmup_steps,
        Declaration("the same in steps; overrides the ratio when > 0").range(0, kMostCounted));
  visit("num_train_epochs", o.num_train_epochs, Declaration("passes over the training clips").range(0, kMostCounted));
  visit("max_steps", o.max_steps,
        Declaration("stop after that many optimiser steps; overrides epochs when > 0").range(-1, kMostCounted));
  visit("per_device_train_batch_size", o.per_device_train_batch_size,
        Declaration("clips in a training batch").range(1, kMostCounted));
  visit("per_device_eval_batch_size", o.per_device_eval_batch_size,
        Declaration("clips in an evaluation batch").range(1, kMostCounted).free_on_resume());
  visit("gradient_accumulation_steps", o.gradient_accumulation_steps,
        Declaration("batches per optimiser step").range(1, kMostCounted));
  visit("weight_decay", o.weight_decay, Declaration("AdamW weight decay (not on biases and norms)").range(0));
  visit("max_grad_norm", o.max_grad_norm, Declaration("clip the gradient norm; 0 = never").range(0));
  visit("group_by_length", o.group_by_length, "batch clips of like length");
  visit("batch_seconds", o.batch_seconds,
        Declaration(
            "fill training batches with clips of like length up to that many padded seconds; 0 = a number of clips")
            .range(0, kMostSeconds));
  visit("speed_perturbation", o.speed_perturbation,
        Declaration("draw each clip's speed from {1 - p, 1, 1 + p}").range(0, 0.5));
  visit("logging_steps", o.logging_steps,
        Declaration("log to TensorBoard every N steps").range(1, kMostCounted).free_on_resume());
  visit("logging_dir", o.logging_dir, Declaration("TensorBoard folder").free_on_resume().otherwise("<output_dir>/log"));
  visit("load_best_model_at_end", o.load_best_model_at_end,
        Declaration("test the best model, not the last").free_on_resume());
  visit("metric_for_best_model", o.metric_for_best_model,
        Declaration("a metric of the task, or loss").otherwise("the task's"));
  visit("greater_is_better", o.greater_is_better,
        Declaration("only as the metric demands").otherwise("whatever the metric demands"));
  visit("early_stopping_patience", o.early_stopping_patience,
        Declaration("stop after N evaluations without a gain; 0 = never")
            .range(0, kMostCounted)
            .otherwise("the task's", "-1")
            .free_on_resume());
  visit("init_from", o.init_from,
        "start from this adapter, sure's or PEFT's: its method, options and weights, its head too where the labels are "
        "the same");
  visit("resume", o.resume, Declaration("go on from a checkpoint folder, or 'latest' in output_dir").free_on_resume());
  visit("seed", o.seed, Declaration("seed of everything random").range(0, kMostExact));
  visit("fp16", o.fp16, "the original's half precision; computed in bfloat16 here");
  visit("cache", o.cache,
        Declaration("compute the frozen part below the lowest trained layer once for each clip, and keep it")
            .free_on_resume());
  visit("cache_dir", o.cache_dir,
        Declaration("folder of --cache disk, which runs may share").free_on_resume().otherwise("<output_dir>/cache"));
  visit("cache_gb", o.cache_gb,
        Declaration("size that the cache may reach, on disk with what other runs left in the folder; clips beyond it "
                    "are computed each time")
            .range(0, kMostGigabytes)
            .free_on_resume());
  visit("cache_copies", o.cache_copies,
        Declaration("with augmented clips: draw each clip's augmentation from that many, so that they can be cached; 0 "
                    "= always anew")
            .range(0, kMostCounted));
  visit(
      "cuda_graphs", o.cuda_graphs,
      Declaration("on a GPU: launch a step's kernels all at once where clips are of one length, with the same numbers")
          .free_on_resume());
  visit("skip_bad", o.skip_bad,
        Declaration("go on without clips that are unreadable, damaged or too short: all are decoded first, the bad "
                    "ones named and counted")
            .free_on_resume());
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
  visit("task", c.task, Declaration("what to train for").otherwise("the data set's usual one"));
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
