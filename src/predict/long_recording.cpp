#include "predict/long_recording.h"

#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <functional>

#include "audio/audio.h"
#include "backbone/frame_samples.h"
#include "core/error.h"
#include "predict/audio_slices.h"

namespace sure {

namespace {

constexpr int64_t kSideShare = 6;
constexpr int64_t kLongestSide = 5 * kSampleRate;

int64_t round_down(int64_t samples, int64_t unit) { return samples / unit * unit; }
int64_t round_up(int64_t samples, int64_t unit) { return round_down(samples + unit - 1, unit); }

/// Hears parts of one recording.
class Listener {
 public:
  Listener(const AdaptedModel& model, const std::filesystem::path& path, int64_t limit)
      : model_(model), collate_(model.collate_options()) {
    const BackboneConfig& config = model.backbone().config();
    whole_ =
        measure_recording(path, config.conv_kernel.front(), config.conv_stride.front(), collate_.do_normalize, limit);
  }

  HeadOutput hear(const Tensor& samples) const {
    Batch batch;
    batch.audio = (collate_.do_normalize ? whole_.normalise(samples) : samples).unsqueeze(0);
    batch.lengths = at::full({1}, samples.size(0), at::kLong);
    HeadOutput output = model_.forward_part(batch, whole_.first_windows);
    if (!output.logits.isfinite().all().item<bool>()) fail("the model's output for it is not finite");
    return output;
  }

 private:
  const AdaptedModel& model_;
  CollateOptions collate_;
  RecordingStatistics whole_;
};

}  // namespace

ChunkPlan plan_chunks(const BackboneConfig& config, double seconds) {
  ChunkPlan plan;
  plan.frame = frame_hop(config);
  plan.length = round_down(samples_of(seconds), plan.frame);
  plan.side =
      round_up(std::max(std::min(plan.length / kSideShare, kLongestSide), samples_of_frames(config, 1)), plan.frame);
  plan.step = plan.length - 2 * plan.side;
  if (plan.step < plan.frame) fail_usage("--chunk {:g}: too short for this model, use a second or more", seconds);
  return plan;
}

void transcribe_in_chunks(const AdaptedModel& model, const std::filesystem::path& path, double chunk, int64_t limit,
                          const PartSink& hear) {
  const ChunkPlan plan = plan_chunks(model.backbone().config(), chunk);
  const Listener listener(model, path, limit);
  AudioSlices chunks(SampleStream(path), plan.length, plan.step, limit);
  for (AudioSlice slice; chunks.next(slice);) {
    HeadOutput output = listener.hear(slice.samples);
    const int64_t first = slice.start == 0 ? 0 : plan.side_frames();
    const int64_t end = slice.last ? output.logits.size(1) : plan.side_frames() + plan.step_frames();
    output.logits = output.logits.narrow(1, first, end - first);
    output.lengths = at::full({1}, end - first, at::kLong);
    hear(output, slice.start + slice.samples.size(0));
  }
}

HeadOutput label_in_chunks(const AdaptedModel& model, const std::filesystem::path& path, double chunk, int64_t limit,
                           const std::function<void(int64_t heard)>& tell) {
  const BackboneConfig& config = model.backbone().config();
  const Listener listener(model, path, limit);
  const int64_t length = samples_of(chunk);
  AudioSlices chunks(SampleStream(path), length, length, limit);
  Tensor sum = at::zeros({1, static_cast<int64_t>(model.spec().labels.size())}, at::kDouble);
  int64_t frames = 0;
  for (AudioSlice slice; chunks.next(slice);) {
    const int64_t heard = config.frames(slice.samples.size(0));
    if (heard == 0) continue;
    sum += listener.hear(slice.samples).logits.to(at::kCPU, at::kDouble) * static_cast<double>(heard);
    frames += heard;
    tell(slice.start + slice.samples.size(0));
  }
  HeadOutput output;
  output.logits = (sum / static_cast<double>(frames)).to(at::kFloat);
  return output;
}

}  // namespace sure
