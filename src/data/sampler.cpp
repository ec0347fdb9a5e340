// The order of clips in an epoch. Grouping by length follows transformers' get_length_grouped_indices.
#include <algorithm>
#include <filesystem>
#include <numeric>
#include <system_error>

#include "core/error.h"
#include "core/rng.h"
#include "data/batch.h"

namespace sure {

namespace {

using Indices = std::vector<size_t>;

// Clips are sorted within mega-batches of that many batches, fewer when the data set would not fill four of them.
constexpr size_t kBatchesPerMegaBatch = 50;
constexpr size_t kFewestMegaBatches = 4;

/// Sorts mega-batches by falling length; the longest clip of all comes first, so that memory runs out at once or never.
void group_by_length(Indices& order, const std::vector<int64_t>& lengths, size_t batch_size) {
  const auto longer = [&](size_t a, size_t b) { return lengths[a] > lengths[b]; };
  const size_t batches = std::clamp<size_t>(order.size() / (batch_size * kFewestMegaBatches), 1, kBatchesPerMegaBatch);
  const size_t mega_batch = batches * batch_size;
  size_t longest = 0;
  for (size_t start = 0; start < order.size(); start += mega_batch) {
    const auto first = order.begin() + static_cast<ptrdiff_t>(start);
    const auto last = order.begin() + static_cast<ptrdiff_t>(std::min(start + mega_batch, order.size()));
    std::stable_sort(first, last, longer);
    if (longer(order[start], order[longest])) longest = start;
  }
  if (!order.empty()) std::swap(order.front(), order[longest]);
}

/// `size_from(clip)`: the most clips of a batch that begins with that clip.
template <class SizeFrom>
std::vector<Indices> cut_into_batches(const Indices& order, SizeFrom&& size_from) {
  std::vector<Indices> batches;
  for (size_t start = 0; start < order.size();) {
    const size_t end = std::min(order.size(), start + static_cast<size_t>(size_from(order[start])));
    batches.emplace_back(order.begin() + static_cast<ptrdiff_t>(start), order.begin() + static_cast<ptrdiff_t>(end));
    start = end;
  }
  return batches;
}

std::vector<Indices> cut_into_batches(const Indices& order, int64_t batch_size) {
  return cut_into_batches(order, [batch_size](size_t) { return batch_size; });
}

// Lengths are rounded up to classes, each of which ends 1/25 above the one before. The sorted rounded lengths alone
// decide where batches are cut; the seed decides which clip of a class takes which place.
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

/// All but the first.
void shuffle(std::vector<Indices>& batches, uint64_t seed) {
  if (batches.size() < 2) return;
  std::vector<Indices> shuffled = {std::move(batches.front())};
  for (const size_t i : permutation(batches.size() - 1, seed)) shuffled.push_back(std::move(batches[i + 1]));
  batches = std::move(shuffled);
}

void check_batch_size(int64_t batch_size) {
  if (batch_size < 1) fail_usage("batch size {}: expected at least 1", batch_size);
}

}  // namespace

Indices in_order(size_t count) {
  Indices indices(count);
  std::iota(indices.begin(), indices.end(), size_t{0});
  return indices;
}

std::vector<Indices> shuffled_batches(size_t examples, int64_t batch_size, const std::vector<int64_t>& lengths,
                                      uint64_t seed) {
  check_batch_size(batch_size);
  if (!lengths.empty() && lengths.size() != examples) {
    fail("{} lengths for {} examples: expected one for each, or none", lengths.size(), examples);
  }
  Indices order = permutation(examples, seed);
  if (!lengths.empty()) group_by_length(order, lengths, static_cast<size_t>(batch_size));
  return cut_into_batches(order, batch_size);
}

std::vector<Indices> sequential_batches(size_t examples, int64_t batch_size) {
  check_batch_size(batch_size);
  return cut_into_batches(in_order(examples), batch_size);
}

std::vector<Indices> sorted_batches(const std::vector<int64_t>& lengths, int64_t batch_size) {
  check_batch_size(batch_size);
  Indices order = in_order(lengths.size());
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return lengths[a] > lengths[b]; });
  return cut_into_batches(order, batch_size);
}

std::vector<Indices> bucketed_batches(const std::vector<int64_t>& samples, int64_t batch_samples, uint64_t seed) {
  if (batch_samples < 1) fail_usage("batches of {} samples: expected at least 1", batch_samples);
  const std::vector<int64_t> rounded = rounded_up(samples);
  std::vector<Indices> batches = cut_into_batches(
      order_by_class(rounded, seed), [&](size_t clip) { return std::max<int64_t>(1, batch_samples / rounded[clip]); });
  shuffle(batches, mix_seed(seed, "batches"));
  return batches;
}

std::vector<int64_t> file_sizes(const std::vector<Example>& examples) {
  std::vector<int64_t> sizes;
  for (const Example& example : examples) {
    std::error_code error;
    sizes.push_back(static_cast<int64_t>(std::filesystem::file_size(example.path, error)));
    if (error) fail("{}: cannot read this clip ({})", example.path.string(), error.message());
  }
  return sizes;
}

}  // namespace sure
