#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/zeros.h>
#include <algorithm>
#include <cmath>

#include "audio/audio.h"
#include "core/error.h"
#include "core/rng.h"
#include "data/batch.h"

namespace sure {

namespace {

void check(const CollateOptions& options) {
  if (options.max_samples < 0) fail_usage("--max_samples {}: expected 0 (never cut) or more", options.max_samples);
  if (options.padding == Padding::max_length && options.max_samples == 0) {
    fail_usage("--padding max_length needs a length: give --max_samples, or --padding longest");
  }
  if (!(options.speed_perturbation >= 0 && options.speed_perturbation <= 0.5)) {
    fail_usage("--speed_perturbation {:g}: expected 0 to 0.5", options.speed_perturbation);
  }
}

/// The rate to read a clip at so that, taken for 16 kHz, it runs at a drawn speed.
int64_t perturbed_rate(double perturbation, uint64_t seed) {
  const int64_t choice = at::randint(-1, 2, {1}, make_generator(seed), at::kLong).item<int64_t>();
  return std::llround(kSampleRate / (1.0 + perturbation * static_cast<double>(choice)));
}

Tensor load_clip(const Example& example, const CollateOptions& options, bool augment, uint64_t seed) {
  const bool perturb = augment && options.speed_perturbation > 0;
  const int64_t rate = perturb ? perturbed_rate(options.speed_perturbation, seed) : kSampleRate;
  return read_audio(example.path, rate, options.max_samples);
}

std::vector<int64_t> encode_target(const Example& example, const TargetEncoder& encode) {
  try {
    return encode(example.target);
  } catch (const Error& error) {
    fail("{}: {}", example.path.string(), error.what());
  }
}

/// Rows of different lengths -> int64 [B, L].
Tensor pad_targets(const std::vector<std::vector<int64_t>>& targets) {
  size_t longest = 0;
  for (const auto& target : targets) longest = std::max(longest, target.size());
  Tensor padded = at::full({static_cast<int64_t>(targets.size()), static_cast<int64_t>(longest)}, kNoTarget, at::kLong);
  auto rows = padded.accessor<int64_t, 2>();
  for (size_t row = 0; row < targets.size(); ++row) {
    std::copy(targets[row].begin(), targets[row].end(), rows[static_cast<int64_t>(row)].data());
  }
  return padded;
}

}  // namespace

const std::vector<NamedValue<Padding>>& choices_of(Padding /*padding*/) {
  static const std::vector<NamedValue<Padding>> kNames = {
      {Padding::max_length, "max_length"}, {Padding::longest, "longest"}, {Padding::exact, "exact"}};
  return kNames;
}

Batch collate(std::vector<Tensor> clips, const CollateOptions& options) {
  check(options);
  const auto count = static_cast<int64_t>(clips.size());
  Batch batch;
  batch.lengths = at::empty({count}, at::kLong);
  int64_t longest = options.padding == Padding::max_length ? options.max_samples : 0;
  for (int64_t i = 0; i < count; ++i) {
    Tensor& clip = clips[static_cast<size_t>(i)];
    if (clip.dim() != 1 || clip.size(0) == 0) fail("clip {} of the batch: expected samples [S], S > 0", i);
    if (options.max_samples > 0) clip = clip.slice(0, 0, options.max_samples);
    if (options.do_normalize) clip = normalise(clip);
    batch.lengths[i] = clip.size(0);
    longest = std::max(longest, clip.size(0));
  }
  batch.audio = at::zeros({count, longest}, at::kFloat);
  for (int64_t i = 0; i < count; ++i) {
    const Tensor& clip = clips[static_cast<size_t>(i)];
    batch.audio[i].slice(0, 0, clip.size(0)).copy_(clip);
  }
  return batch;
}

Batch load_batch(const std::vector<Example>& examples, const std::vector<size_t>& indices, const TargetEncoder& encode,
                 const CollateOptions& options, bool augment, uint64_t seed) {
  check(options);
  std::vector<Tensor> clips;
  std::vector<std::vector<int64_t>> targets;
  for (const size_t index : indices) {
    const Example& example = examples.at(index);
    if (encode) targets.push_back(encode_target(example, encode));
    clips.push_back(load_clip(example, options, augment, mix_seed(seed, {index})));
  }
  Batch batch = collate(std::move(clips), options);
  if (encode) batch.targets = pad_targets(targets);
  batch.indices = indices;
  return batch;
}

}  // namespace sure
