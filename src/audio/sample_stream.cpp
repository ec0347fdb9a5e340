// File -> frames of all channels -> checked -> mono -> the asked rate -> a queue of samples.
#include "audio/sample_stream.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <soxr.h>

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

#include "audio/audio_stream.h"
#include "audio/mono_reader.h"
#include "core/error.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kBlockFrames = 1 << 16;

using SoxrHandle = std::unique_ptr<soxr, decltype(&soxr_delete)>;

SoxrHandle open_resampler(double from, double to) {
  if (from == to) return {nullptr, &soxr_delete};
  soxr_error_t error = nullptr;
  const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_HQ, 0);
  SoxrHandle resampler(soxr_create(from, to, 1, &error, nullptr, &quality, nullptr), &soxr_delete);
  if (error != nullptr) fail("cannot resample from {:g} Hz to {:g} Hz ({})", from, to, error);
  return resampler;
}

}  // namespace

class SampleStream::Source {
 public:
  Source(const fs::path& path, int64_t rate)
      : stream_(path),
        mono_(stream_),
        ratio_(static_cast<double>(rate) / static_cast<double>(stream_.rate())),
        resampler_(open_resampler(static_cast<double>(stream_.rate()), static_cast<double>(rate))) {}

  Tensor read(int64_t count) {
    std::vector<Tensor> parts = {waiting_};
    int64_t samples = waiting_.size(0);
    for (Tensor block; samples < count && next(block); samples += block.size(0)) parts.push_back(block);
    const Tensor all = at::cat(parts);
    const int64_t taken = std::min(count, samples);
    waiting_ = all.narrow(0, taken, samples - taken).clone();
    return all.narrow(0, 0, taken);
  }

 private:
  /// The next block at the asked rate, perhaps empty; false behind the end.
  bool next(Tensor& block) {
    if (ended_) return false;
    const std::span<const float> samples = mono_.next();
    frames_ += std::ssize(samples);
    ended_ = samples.empty();
    if (ended_) stream_.check_end(frames_);
    const Tensor mono = at::empty({std::ssize(samples)}, at::kFloat);
    std::copy(samples.begin(), samples.end(), mono.mutable_data_ptr<float>());
    block = resampled(mono);
    return true;
  }

  Tensor resampled(const Tensor& samples) {
    if (resampler_ == nullptr) return samples;
    return process(ended_ ? nullptr : samples.const_data_ptr<float>(), samples.size(0));
  }

  /// All that comes out for these samples; null: what the filter still holds.
  Tensor process(const float* samples, int64_t count) {
    std::vector<Tensor> parts;
    const auto room = static_cast<int64_t>(std::ceil(static_cast<double>(kBlockFrames) * ratio_)) + 1;
    for (int64_t used = 0;;) {
      Tensor part = at::empty({room}, at::kFloat);
      size_t taken = 0, made = 0;
      const soxr_error_t error = soxr_process(resampler_.get(), samples == nullptr ? nullptr : samples + used,
                                              static_cast<size_t>(count - used), &taken, part.mutable_data_ptr<float>(),
                                              static_cast<size_t>(room), &made);
      if (error != nullptr) fail("{}: cannot be resampled ({})", stream_.path().string(), error);
      used += static_cast<int64_t>(taken);
      parts.push_back(part.narrow(0, 0, static_cast<int64_t>(made)));
      if (used == count && static_cast<int64_t>(made) < room) return at::cat(parts);
    }
  }

  AudioStream stream_;
  MonoReader mono_;
  double ratio_;
  SoxrHandle resampler_;
  int64_t frames_ = 0;
  bool ended_ = false;
  Tensor waiting_ = at::empty({0}, at::kFloat);  // samples that came before they were asked for
};

SampleStream::SampleStream(const fs::path& path, int64_t rate) : source_(std::make_unique<Source>(path, rate)) {}
SampleStream::~SampleStream() = default;
SampleStream::SampleStream(SampleStream&&) noexcept = default;
SampleStream& SampleStream::operator=(SampleStream&&) noexcept = default;

Tensor SampleStream::read(int64_t count) { return source_->read(count); }

}  // namespace sure
