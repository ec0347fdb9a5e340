// How the loop trains a model for a task.
#pragma once

#include "tasks/task.h"
#include "train/loop.h"
#include "train/run_config.h"
#include "tuning/method.h"

namespace sure {

/// The peak rate where the user names none.
double usual_rate(const Task& task, const TuningMethod& method);

/// `batches`: of an epoch. `evaluates`: while it trains.
LoopOptions loop_options(const Task& task, const TuningOptions& tuning, const TrainOptions& options, int64_t batches,
                         bool evaluates);

/// Tells what a run without evaluation means.
void note_no_evaluation(TrainObserver& observer);

}  // namespace sure
