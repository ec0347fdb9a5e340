#include "tasks/voice_trials.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/triu_indices.h>

#include <algorithm>
#include <map>

#include "core/error.h"
#include "core/rng.h"

namespace sure {

namespace {

constexpr int64_t kMostTrials = 2'000'000;
constexpr int64_t kScoredAtOnce = 16384;  // a few ten MB of embeddings
constexpr uint64_t kSeed = 1314;

/// Pairs of positions below `count`.
VoiceTrials all_pairs(int64_t count) {
  const Tensor pairs = at::triu_indices(count, count, /*offset=*/1, at::kLong);
  return {pairs[0], pairs[1], {}};
}

VoiceTrials drawn_pairs(int64_t count) {
  const at::Generator generator = make_generator(mix_seed(kSeed, "voice trials"));
  const Tensor first = at::randint(count, {kMostTrials}, generator, at::kLong);
  const Tensor step = at::randint(1, count, {kMostTrials}, generator, at::kLong);
  return {first, (first + step).remainder(count), {}};
}

/// A number for each clip's speaker, int64 [N].
Tensor number_speakers(const std::vector<std::string>& speakers) {
  std::map<std::string, int64_t> numbers;
  std::vector<int64_t> found;
  for (const std::string& speaker : speakers) {
    found.push_back(numbers.try_emplace(speaker, std::ssize(numbers)).first->second);
  }
  return at::tensor(found, at::kLong);
}

Tensor to_tensor(const std::vector<size_t>& chosen) {
  return at::tensor(std::vector<int64_t>(chosen.begin(), chosen.end()), at::kLong);
}

void require_both_kinds(const VoiceTrials& trials, size_t clips) {
  const int64_t same = trials.same.sum().item<int64_t>();
  if (same > 0 && same < trials.same.numel()) return;
  fail("verification cannot be measured: {} clips make {} pairs of one speaker and {} of two; expected some of both",
       clips, same, trials.same.numel() - same);
}

}  // namespace

VoiceTrials pair_clips(const std::vector<std::string>& speakers, const std::vector<size_t>& chosen) {
  const auto count = std::ssize(chosen);
  VoiceTrials trials = count * (count - 1) / 2 > kMostTrials ? drawn_pairs(count) : all_pairs(count);
  const Tensor clips = to_tensor(chosen);
  trials.first = clips.index_select(0, trials.first);
  trials.second = clips.index_select(0, trials.second);
  const Tensor kept = (trials.first != trials.second).nonzero().squeeze(1);
  trials.first = trials.first.index_select(0, kept);
  trials.second = trials.second.index_select(0, kept);
  const Tensor speaker = number_speakers(speakers);
  trials.same = (speaker.index_select(0, trials.first) == speaker.index_select(0, trials.second)).to(at::kLong);
  require_both_kinds(trials, chosen.size());
  return trials;
}

Tensor score_trials(const Tensor& embeddings, const VoiceTrials& trials) {
  const auto first = trials.first.split(kScoredAtOnce);
  const auto second = trials.second.split(kScoredAtOnce);
  std::vector<Tensor> scores;
  for (size_t i = 0; i < first.size(); ++i) {
    scores.push_back((embeddings.index_select(0, first[i]) * embeddings.index_select(0, second[i])).sum(1));
  }
  return at::cat(scores);
}

VerificationResult measure_trials(const Tensor& scores, const VoiceTrials& trials) {
  const std::vector<OperatingPoint> points = operating_points(scores, trials.same);
  VerificationResult result;
  result.same = trials.same.sum().item<int64_t>();
  result.different = trials.same.numel() - result.same;
  result.eer = equal_error_rate(points);
  result.min_dcf = min_detection_cost(points);
  return result;
}

}  // namespace sure
