// Batches by total padded samples: properties over many distributions of lengths.
#include "data/batch.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "core/error.h"
#include "core/rng.h"
#include "core/tensor.h"
#include "tests/support/errors.h"

namespace sure::test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Batches = std::vector<std::vector<size_t>>;
using Lengths = std::vector<int64_t>;

namespace {

int64_t longest(const std::vector<size_t>& batch, const Lengths& lengths) {
  int64_t most = 0;
  for (const size_t i : batch) most = std::max(most, lengths[i]);
  return most;
}

double padding(const Batches& batches, const Lengths& lengths) {
  int64_t padded = 0;
  for (const auto& batch : batches) padded += longest(batch, lengths) * static_cast<int64_t>(batch.size());
  const auto valid = std::accumulate(lengths.begin(), lengths.end(), int64_t{0});
  return 1 - static_cast<double>(valid) / static_cast<double>(padded);
}

std::vector<size_t> sorted(const Batches& batches) {
  std::vector<size_t> all;
  for (const auto& batch : batches) all.insert(all.end(), batch.begin(), batch.end());
  std::sort(all.begin(), all.end());
  return all;
}

std::multiset<size_t> sizes(const Batches& batches) {
  std::multiset<size_t> all;
  for (const auto& batch : batches) all.insert(batch.size());
  return all;
}

/// exp of a normal distribution: commands, utterances and readings have lengths like that. Seconds.
Lengths log_normal(size_t count, double median, double sigma) {
  const Tensor normal = at::randn({static_cast<int64_t>(count)}, make_generator(count), at::kDouble);
  Lengths lengths;
  for (size_t i = 0; i < count; ++i) {
    lengths.push_back(std::llround(16000 * median * std::exp(sigma * normal.const_data_ptr<double>()[i])));
  }
  return lengths;
}

constexpr int64_t kBatchSamples = 80 * 16000;

const std::vector<Lengths>& distributions() {
  static const std::vector<Lengths> all = {log_normal(5000, 12, 0.3),  // readings
                                           log_normal(5000, 2.5, 0.6), log_normal(20000, 0.9, 0.2),
                                           Lengths(1000, 16000),       log_normal(20, 4, 1),
                                           {1, 2, 3, 16000, 1, 5000},  {2 * kBatchSamples, 16000}};
  return all;
}

}  // namespace

TEST(BucketedBatches, HoldEveryClipOnceWithinTheLimit) {
  for (const Lengths& lengths : distributions()) {
    for (const int64_t limit : {int64_t{1}, int64_t{20 * 16000}, kBatchSamples}) {
      const Batches batches = bucketed_batches(lengths, limit, 7);
      EXPECT_EQ(sorted(batches), in_order(lengths.size()));
      for (const auto& batch : batches) {
        ASSERT_FALSE(batch.empty());
        if (batch.size() == 1) continue;
        EXPECT_LE(longest(batch, lengths) * static_cast<int64_t>(batch.size()), limit);
      }
    }
  }
}

TEST(BucketedBatches, PadLittle) {
  for (size_t i = 0; i < 4; ++i) {
    const Lengths& lengths = distributions()[i];
    const Batches batches = bucketed_batches(lengths, kBatchSamples, 7);
    EXPECT_LT(padding(batches, lengths), 0.05) << "distribution " << i;
    const auto valid = static_cast<double>(std::accumulate(lengths.begin(), lengths.end(), int64_t{0}));
    EXPECT_LT(static_cast<double>(batches.size()), 1.2 * std::ceil(valid / kBatchSamples)) << "batches are not filled";
  }
}

TEST(BucketedBatches, AreAsManyAndAsLargeWhateverTheSeed) {
  for (const Lengths& lengths : distributions()) {
    const Batches first = bucketed_batches(lengths, kBatchSamples, 1);
    EXPECT_EQ(first, bucketed_batches(lengths, kBatchSamples, 1));
    for (uint64_t seed = 2; seed < 6; ++seed) {
      const Batches other = bucketed_batches(lengths, kBatchSamples, seed);
      EXPECT_EQ(other.size(), first.size());
      EXPECT_EQ(sizes(other), sizes(first));
    }
  }
}

TEST(BucketedBatches, MixClipsAndOrderBySeed) {
  const Lengths& lengths = distributions()[0];
  const Batches a = bucketed_batches(lengths, kBatchSamples, 1);
  const Batches b = bucketed_batches(lengths, kBatchSamples, 2);
  const auto as_sets = [](const Batches& batches) {
    std::set<std::set<size_t>> sets;
    for (const auto& batch : batches) sets.emplace(batch.begin(), batch.end());
    return sets;
  };
  std::vector<std::set<size_t>> same;
  std::ranges::set_intersection(as_sets(a), as_sets(b), std::back_inserter(same));
  EXPECT_LT(same.size(), a.size() / 20) << "the same clips meet in both epochs";

  std::vector<int64_t> lengths_in_order;
  for (const auto& batch : a) lengths_in_order.push_back(longest(batch, lengths));
  EXPECT_EQ(lengths_in_order.front(), *std::ranges::max_element(lengths)) << "the longest clip comes first";
  EXPECT_FALSE(std::ranges::is_sorted(lengths_in_order, std::greater()));
}

TEST(BucketedBatches, OfOneClipEqualClipsAndAHugeClip) {
  EXPECT_TRUE(bucketed_batches({}, kBatchSamples, 1).empty());
  EXPECT_EQ(bucketed_batches({16000}, kBatchSamples, 1), (Batches{{0}}));
  EXPECT_EQ(sizes(bucketed_batches(Lengths(170, 16000), kBatchSamples, 1)).size(), 3U);
  const Batches huge = bucketed_batches({16000, 100 * kBatchSamples, 16000}, kBatchSamples, 1);
  ASSERT_EQ(huge.size(), 2U);
  EXPECT_THAT(huge[0], ElementsAre(1));
  EXPECT_THAT(message_of([] { bucketed_batches({1}, 0, 1); }), HasSubstr("expected at least 1"));
}

}  // namespace sure::test
