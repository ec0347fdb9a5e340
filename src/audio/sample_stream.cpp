// File -> frames of all channels -> checked -> mono -> the asked rate -> a queue of samples.
#include "audio/sample_stream.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <soxr.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "audio/sound_file.h"
#include "core/error.h"

namespace sure {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kBlockFrames = 1 << 16;
constexpr float kHighestPeak = 1e6F;  // as read_audio has it

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
      : path_(path),
        file_(open_sound_file(path, info_)),
        ratio_(static_cast<double>(rate) / static_cast<double>(info_.samplerate)),
        resampler_(open_resampler(info_.samplerate, static_cast<double>(rate))) {
    interleaved_.resize(static_cast<size_t>(kBlockFrames * info_.channels));
  }

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
    const int64_t read = std::max<int64_t>(0, sf_readf_float(file_.get(), interleaved_.data(), kBlockFrames));
    frames_ += read;
    ended_ = read < kBlockFrames;
    if (ended_) check_complete();
    block = resampled(mono(read));
    return true;
  }

  Tensor mono(int64_t frames) {
    const Tensor all = at::from_blob(interleaved_.data(), {frames, info_.channels}, at::kFloat);
    if (frames == 0) return at::empty({0}, at::kFloat);
    const float peak = all.abs().max().item<float>();
    if (!(peak <= kHighestPeak)) {
      fail("{}: holds samples that are {}, expected numbers around [-1, 1]", path_.string(),
           std::isfinite(peak) ? fmt::format("as large as {:g}", peak) : "NaN or infinite");
    }
    return all.mean(1);
  }

  void check_complete() {
    const bool short_of_header = info_.frames != SF_COUNT_MAX && frames_ < info_.frames;
    if (!short_of_header && frames_ > 0 && sf_error(file_.get()) == SF_ERR_NO_ERROR) return;
    fail("{}: cut short or damaged, {} frames could be read where the header says {}; copy the file again",
         path_.string(), frames_, info_.frames);
  }

  Tensor resampled(const Tensor& samples) {
    if (resampler_ == nullptr) return samples;
    const Tensor body = process(samples.const_data_ptr<float>(), samples.size(0));
    return ended_ ? at::cat({body, process(nullptr, 0)}) : body;
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
      if (error != nullptr) fail("{}: cannot be resampled ({})", path_.string(), error);
      used += static_cast<int64_t>(taken);
      parts.push_back(part.narrow(0, 0, static_cast<int64_t>(made)));
      if (used == count && static_cast<int64_t>(made) < room) return at::cat(parts);
    }
  }

  fs::path path_;
  SF_INFO info_{};
  SoundFile file_;
  double ratio_;
  SoxrHandle resampler_;
  std::vector<float> interleaved_;
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
