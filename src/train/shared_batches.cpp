#include "train/shared_batches.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <utility>

#include "core/clock.h"

namespace sure {

namespace {

Batches own_share(Batches plan, const World& world) {
  for (std::vector<size_t>& batch : plan) {
    const Share share = share_of(std::ssize(batch), world);
    batch = {batch.begin() + share.first, batch.begin() + share.first + share.count};
  }
  std::erase_if(plan, [](const std::vector<size_t>& batch) { return batch.empty(); });
  return plan;
}

/// What all processes have of a batch of so many rows, as they tell each other.
WholeBatch exchange(const Batch& mine, const Share& share, int64_t rows, World& world) {
  Tensor told = at::zeros({rows + 1}, at::kLong);  // the lengths of all rows, then the number of labelled frames
  if (share.count > 0) told.narrow(0, share.first, share.count).copy_(mine.lengths);
  if (mine.frame_labels.defined()) told[rows] = mine.frame_labels.ne(kNoTarget).sum();
  world.all_reduce(told);
  return {share.first, told.narrow(0, 0, rows), told[rows].item<int64_t>()};
}

}  // namespace

SharedBatches::SharedBatches(Batches plan, std::function<Batch(const std::vector<size_t>&)> load, World& world)
    : world_(world), plan_(std::move(plan)), prefetcher_(own_share(plan_, world), std::move(load)) {}

bool SharedBatches::next(Batch& batch) {
  const int64_t rows = std::ssize(plan_.at(next_++));
  const Share share = share_of(rows, world_);
  batch = {};
  const auto asked = Clock::now();
  if (share.count > 0) prefetcher_.next(batch);
  seconds_ += seconds_since(asked);
  if (world_.size() == 1) return true;
  batch.whole = exchange(batch, share, rows, world_);
  if (share.count == 0) return false;
  const int64_t missing = batch.whole->lengths.max().item<int64_t>() - batch.audio.size(1);
  if (missing > 0) batch.audio = at::constant_pad_nd(batch.audio, {0, missing});
  return true;
}

}  // namespace sure
