#include "pretrain/targets.h"

#include <ATen/ops/bincount.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>

#include <algorithm>

#include "core/error.h"
#include "core/json_text.h"
#include "core/rng.h"
#include "formats/safetensors.h"
#include "pretrain/each_clip.h"
#include "pretrain/kmeans.h"
#include "train/checkpoint.h"

namespace sure {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

constexpr const char* kIdentity = "identity";
// More frames than are wanted are read, so that the clips they come from are many.
constexpr int64_t kFramesPerClip = 500;

/// Random clips to train on that have so many frames together.
std::vector<size_t> draw_clips(const Corpus& corpus, int64_t frames, int64_t frame_samples, uint64_t seed) {
  std::vector<size_t> clips;
  for (const size_t clip : permutation(corpus.training, seed)) {
    if (frames <= 0) break;
    clips.push_back(clip);
    frames -= std::min(kFramesPerClip, corpus.samples[clip] / frame_samples);
  }
  return clips;
}

/// At most kFramesPerClip of the rows, drawn.
Tensor some_rows(const Tensor& rows, uint64_t seed) {
  if (rows.size(0) <= kFramesPerClip) return rows;
  const std::vector<size_t> order = permutation(static_cast<size_t>(rows.size(0)), seed);
  const std::vector<int64_t> chosen(order.begin(), order.begin() + kFramesPerClip);
  return rows.index_select(0, at::tensor(chosen, at::kLong));
}

Tensor fit_centres(const Corpus& corpus, const FrameFeatures& features, const ClusterOptions& options, uint64_t seed,
                   TrainObserver& observer) {
  constexpr int64_t kFrameSamples = 320;  // nearly: only how many clips are drawn depends on it
  const std::vector<size_t> clips =
      draw_clips(corpus, options.kmeans_frames, kFrameSamples, mix_seed(seed, "k-means clips"));
  const auto sample = [&](const Tensor& samples) {
    return some_rows(features.compute(samples), mix_seed(seed, {static_cast<uint64_t>(samples.size(0))}));
  };
  const Tensor points = at::cat(for_each_clip(corpus.clips, clips, sample, features.name + " for k-means", observer));
  observer.on_message(
      fmt::format("k-means: {} clusters of {} frames of {}", options.clusters, points.size(0), features.name));
  return fit_kmeans(points, options.clusters, mix_seed(seed, "k-means"));
}

std::vector<size_t> every_clip_of(const Corpus& corpus) {
  std::vector<size_t> clips(corpus.clips.size());
  for (size_t i = 0; i < clips.size(); ++i) clips[i] = i;
  return clips;
}

}  // namespace

Targets::Targets(const fs::path& file) {
  TensorFile stored = read_safetensors(file);
  const auto find = [&](const char* name, at::ScalarType dtype) {
    for (const NamedTensor& tensor : stored.tensors) {
      if (tensor.name == name && tensor.value.scalar_type() == dtype) return tensor.value;
    }
    fail("{}: no file of targets, it has no {}; remove it", file.string(), name);
  };
  codes_ = find("codes", at::kShort);
  offsets_ = find("offsets", at::kLong);
  clusters_ = find("centres", at::kFloat).size(0);
  identity_ = Json::parse(stored.metadata[kIdentity], nullptr, /*allow_exceptions=*/false);
}

Tensor Targets::of(size_t clip) const {
  const auto index = static_cast<int64_t>(clip);
  const auto start = offsets_[index].item<int64_t>();
  return codes_.narrow(0, start, offsets_[index + 1].item<int64_t>() - start);
}

Tensor Targets::counts(size_t first, size_t last) const {
  const auto start = offsets_[static_cast<int64_t>(first)].item<int64_t>();
  const auto end = offsets_[static_cast<int64_t>(last)].item<int64_t>();
  return at::bincount(codes_.narrow(0, start, end - start).to(at::kLong), {}, clusters_);
}

Json targets_identity(const Corpus& corpus, const FrameFeatures& features, const ClusterOptions& options,
                      int64_t seed) {
  Json identity = features.identity;
  identity["training clips"] = digest(corpus.part(true));
  identity["validation clips"] = digest(corpus.part(false));
  identity["--clusters"] = options.clusters;
  identity["--kmeans_frames"] = options.kmeans_frames;
  identity["--seed"] = seed;
  return identity;
}

void compute_targets(const fs::path& file, const Corpus& corpus, const FrameFeatures& features,
                     const ClusterOptions& options, int64_t seed, TrainObserver& observer) {
  const Tensor centres = fit_centres(corpus, features, options, static_cast<uint64_t>(seed), observer);
  const auto assign = [&](const Tensor& samples) {
    return nearest_centres(features.compute(samples), centres).clusters.to(at::kShort);
  };
  const std::vector<Tensor> codes =
      for_each_clip(corpus.clips, every_clip_of(corpus), assign, "clusters of " + features.name, observer);
  std::vector<int64_t> offsets = {0};
  for (const Tensor& clip : codes) offsets.push_back(offsets.back() + clip.size(0));
  write_safetensors(file,
                    {{"codes", at::cat(codes)}, {"offsets", at::tensor(offsets, at::kLong)}, {"centres", centres}},
                    {{kIdentity, json_line(targets_identity(corpus, features, options, seed))}});
}

}  // namespace sure
