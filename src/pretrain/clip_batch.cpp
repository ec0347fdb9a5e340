#include "pretrain/clip_batch.h"

#include <ATen/ops/full.h>
#include <ATen/ops/randint.h>

#include <algorithm>

#include "audio/audio.h"
#include "backbone/frame_samples.h"
#include "core/error.h"
#include "core/rng.h"
#include "pretrain/model_shape.h"

namespace sure {

namespace {

Tensor pad(const std::vector<Tensor>& rows) {
  int64_t longest = 0;
  for (const Tensor& row : rows) longest = std::max(longest, row.size(0));
  Tensor padded = at::full({std::ssize(rows), longest}, kNoTarget, at::kLong);
  for (size_t i = 0; i < rows.size(); ++i) padded[static_cast<int64_t>(i)].narrow(0, 0, rows[i].size(0)).copy_(rows[i]);
  return padded;
}

}  // namespace

/// A piece starts where a frame of the whole clip does, so that the clip's frames, and their targets, are its own.
ClipBatches::Piece ClipBatches::draw_piece(size_t clip, uint64_t seed) const {
  const Tensor samples = read_audio(corpus_.clips.at(clip).path);
  const Tensor targets = targets_.of(clip);
  const int64_t frames = config_.frames(samples.size(0));
  if (frames != targets.size(0)) {
    fail("{}: {} frames, where its targets are {}: the file has changed; start anew with --overwrite_output_dir True",
         corpus_.clips[clip].path.string(), frames, targets.size(0));
  }
  const Tensor labels = labels_ ? labels_->of(clip, frames, config_) : Tensor();
  if (frames <= max_frames_) return {samples, targets, labels};
  const auto start = at::randint(0, frames - max_frames_ + 1, {1}, make_generator(seed), at::kLong).item<int64_t>();
  return {samples.narrow(0, start * frame_hop(config_), samples_of_frames(config_, max_frames_)),
          targets.narrow(0, start, max_frames_), labels_ ? labels.narrow(0, start, max_frames_) : labels};
}

Batch ClipBatches::load(const std::vector<size_t>& indices, bool augment, uint64_t seed) const {
  std::vector<Tensor> clips, targets, labels;
  for (const size_t index : indices) {
    const uint64_t clip_seed = mix_seed(seed, {index});
    const Piece piece = draw_piece(index, mix_seed(clip_seed, "piece"));
    clips.push_back(augment ? augmented(piece.samples, augment_, mix_seed(clip_seed, "augment")) : piece.samples);
    targets.push_back(piece.targets);
    labels.push_back(piece.labels);
  }
  CollateOptions options;
  options.max_samples = 0;
  options.padding = Padding::longest;
  options.do_normalize = config_.do_normalize;
  Batch batch = collate(std::move(clips), options);
  batch.targets = pad(targets);
  if (labels_) batch.frame_labels = pad(labels);
  batch.indices = indices;
  return batch;
}

}  // namespace sure
