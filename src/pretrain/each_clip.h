// The same work for many clips, on all cores.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "train/observer.h"

namespace sure {

/// work(samples, fp32 [S] at 16 kHz) for each of the clips `which`, in their order. Clips are computed side by side,
/// each on one thread, so `work` must allow that; `observer` is told of `what` from the calling thread. The error of
/// the first clip that fails is thrown, with its name.
std::vector<Tensor> for_each_clip(const std::vector<Example>& clips, const std::vector<size_t>& which,
                                  const std::function<Tensor(const Tensor& samples)>& work, const std::string& what,
                                  TrainObserver& observer);

}  // namespace sure
