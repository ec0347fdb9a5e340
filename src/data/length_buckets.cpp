// Lengths are rounded up to classes that lie 4 % apart. The sorted rounded lengths alone decide where the batches are
// cut; the seed decides which clip of a class takes which place.
#include "data/length_buckets.h"

#include <algorithm>

#include "core/error.h"
#include "core/rng.h"

namespace sure {

namespace {

using Indices = std::vector<size_t>;

// A class ends 1/25 above the one before.
constexpr int64_t kClassesPerLength = 25;

/// Ends of the classes, rising, the last one at or above `longest`.
std::vector<int64_t> class_ends(int64_t longest) {
  std::vector<int64_t> ends = {1};
  while (ends.back() < longest) ends.push_back(ends.back() + ends.back() / kClassesPerLength + 1);
  return ends;
}

std::vector<int64_t> rounded_up(const std::vector<int64_t>& samples) {
  std::vector<int64_t> rounded;
  if (samples.empty()) return rounded;
  const std::vector<int64_t> ends = class_ends(*std::max_element(samples.begin(), samples.end()));
  for (const int64_t length : samples) rounded.push_back(*std::lower_bound(ends.begin(), ends.end(), length));
  return rounded;
}

/// By falling rounded length, in random order within a class.
Indices order_by_class(const std::vector<int64_t>& rounded, uint64_t seed) {
  Indices order = permutation(rounded.size(), seed);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return rounded[a] > rounded[b]; });
  return order;
}

std::vector<Indices> cut(const Indices& order, const std::vector<int64_t>& rounded, int64_t batch_samples) {
  std::vector<Indices> batches;
  for (size_t start = 0; start < order.size();) {
    const auto most = static_cast<size_t>(std::max<int64_t>(1, batch_samples / rounded[order[start]]));
    const size_t end = std::min(order.size(), start + most);
    batches.emplace_back(order.begin() + static_cast<ptrdiff_t>(start), order.begin() + static_cast<ptrdiff_t>(end));
    start = end;
  }
  return batches;
}

/// All but the first.
void shuffle(std::vector<Indices>& batches, uint64_t seed) {
  if (batches.size() < 2) return;
  std::vector<Indices> shuffled = {std::move(batches.front())};
  for (const size_t i : permutation(batches.size() - 1, seed)) shuffled.push_back(std::move(batches[i + 1]));
  batches = std::move(shuffled);
}

}  // namespace

std::vector<Indices> bucketed_batches(const std::vector<int64_t>& samples, int64_t batch_samples, uint64_t seed) {
  if (batch_samples < 1) fail_usage("batches of {} samples: expected at least 1", batch_samples);
  const std::vector<int64_t> rounded = rounded_up(samples);
  std::vector<Indices> batches = cut(order_by_class(rounded, seed), rounded, batch_samples);
  shuffle(batches, mix_seed(seed, "batches"));
  return batches;
}

}  // namespace sure
