#include "predict/audio_slices.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace sure {

namespace {

constexpr int64_t kSkipBlock = 1 << 20;

}  // namespace

AudioSlices::AudioSlices(SampleStream stream, int64_t length, int64_t step, int64_t limit)
    : stream_(std::move(stream)),
      length_(length),
      step_(step),
      left_(limit > 0 ? limit : std::numeric_limits<int64_t>::max()),
      buffer_(at::empty({0}, at::kFloat)) {}

Tensor AudioSlices::read(int64_t count) {
  Tensor samples = stream_.read(std::min(count, left_));
  left_ -= samples.size(0);
  return samples;
}

void AudioSlices::skip_step() {
  const int64_t held = std::min(step_, buffer_.size(0));
  buffer_ = buffer_.narrow(0, held, buffer_.size(0) - held);
  for (int64_t beyond = step_ - held; beyond > 0;) {
    const int64_t skipped = read(std::min(beyond, kSkipBlock)).size(0);
    if (skipped == 0) break;
    beyond -= skipped;
  }
  start_ += step_;
}

bool AudioSlices::next(AudioSlice& slice) {
  if (ended_) return false;
  if (started_) skip_step();
  started_ = true;
  // One sample more tells whether this stretch is the last.
  buffer_ = at::cat({buffer_, read(std::max<int64_t>(0, length_ + 1 - buffer_.size(0)))});
  const int64_t found = std::min(length_, buffer_.size(0));
  ended_ = buffer_.size(0) <= length_;
  if (found == 0) return false;
  slice = {buffer_.narrow(0, 0, found), start_, ended_};
  return true;
}

}  // namespace sure
