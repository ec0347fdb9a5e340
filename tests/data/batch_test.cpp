// Clips to batches: collation, the order of an epoch, reading ahead.
#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <thread>

#include "core/error.h"
#include "data/batch.h"
#include "tests/support/audio.h"

namespace sure::test {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Batches = std::vector<std::vector<size_t>>;

namespace {

template <class Function>
std::string usage_error_of(Function&& function) {
  try {
    function();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage) << error.what();
    return error.what();
  }
  return "no error";
}

std::vector<size_t> flat(const Batches& batches) {
  std::vector<size_t> all;
  for (const auto& batch : batches) all.insert(all.end(), batch.begin(), batch.end());
  return all;
}

std::vector<size_t> sorted(std::vector<size_t> values) {
  std::sort(values.begin(), values.end());
  return values;
}

/// Two digits of 0.5 s and 1 s.
struct Clips {
  Clips() {
    write_wav(folder / "short.wav", synthetic_speech(8000, 100));
    write_wav(folder / "long.wav", synthetic_speech(16000, 180));
    examples = {{folder / "short.wav", "no", ""}, {folder / "long.wav", "yes", ""}};
  }
  TemporaryFolder folder;
  std::vector<Example> examples;
};

Batch numbered(const std::vector<size_t>& indices) {
  Batch batch;
  batch.indices = indices;
  return batch;
}

}  // namespace

TEST(Collate, CutsNormalisesAndPadsToMaxSamples) {
  CollateOptions options;
  options.max_samples = 1000;
  const Tensor clip = some_speech();
  const Batch batch = collate({clip, clip.slice(0, 0, 600)}, options);
  EXPECT_EQ(batch.audio.sizes(), (std::vector<int64_t>{2, 1000}));
  EXPECT_TRUE(batch.lengths.equal(at::tensor({1000, 600}, at::kLong)));
  EXPECT_TRUE(batch.audio[0].equal(normalise(clip.slice(0, 0, 1000))));
  EXPECT_TRUE(batch.audio[1].slice(0, 0, 600).equal(normalise(clip.slice(0, 0, 600))));
  EXPECT_EQ(batch.audio[1].slice(0, 600).abs().max().item<float>(), 0);

  options.max_samples = 100000;
  EXPECT_EQ(collate({clip}, options).audio.size(1), 100000);
}

TEST(Collate, PadsToTheLongestOfTheBatch) {
  CollateOptions options;
  options.do_normalize = false;
  for (const Padding padding : {Padding::longest, Padding::exact}) {
    options.padding = padding;
    for (const int64_t max_samples : {0, 5000}) {
      options.max_samples = max_samples;
      const Batch batch = collate({at::ones({700}), at::ones({900})}, options);
      EXPECT_EQ(batch.audio.size(1), 900);
      EXPECT_EQ(batch.audio.sum().item<float>(), 1600);
    }
  }
}

TEST(Collate, RefusesOptionsThatMakeNoSense) {
  const CollateOptions options{.max_samples = 0};
  const std::string message = usage_error_of([&] { collate({at::ones({9})}, options); });
  EXPECT_THAT(message, HasSubstr("--padding"));
  EXPECT_THAT(message, HasSubstr("--max_samples"));
  EXPECT_THROW(collate({at::ones({0})}, {}), Error);
}

/// Each character's code.
std::vector<int64_t> spell(const std::string& target) { return {target.begin(), target.end()}; }

TEST(LoadBatch, ReadsTheChosenClipsWithTheirTargets) {
  const Clips clips;
  const Batch batch = load_batch(clips.examples, {1, 0}, spell, {}, false, 0);
  EXPECT_TRUE(batch.targets.equal(at::tensor({'y', 'e', 's', 'n', 'o', -100}, at::kLong).view({2, 3})));
  EXPECT_TRUE(batch.lengths.equal(at::tensor({16000, 8000}, at::kLong)));
  EXPECT_THAT(batch.indices, ElementsAre(1, 0));
  EXPECT_TRUE(batch.audio[1].slice(0, 0, 8000).equal(normalise(read_audio(clips.examples[0].path))));
  EXPECT_FALSE(load_batch(clips.examples, {0}, {}, {}, false, 0).targets.defined());
}

TEST(LoadBatch, NamesTheClipWhoseTargetIsRefused) {
  const Clips clips;
  try {
    const auto refuse = [](const std::string& target) -> std::vector<int64_t> { fail("no place for '{}'", target); };
    load_batch(clips.examples, {0}, refuse, {}, false, 0);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("short.wav: no place for 'no'"));
  }
}

TEST(LoadBatch, SpeedPerturbationChangesLengthBySeedOnly) {
  const Clips clips;
  CollateOptions options{.max_samples = 0, .padding = Padding::longest, .speed_perturbation = 0.1};
  std::vector<int64_t> lengths;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Batch batch = load_batch(clips.examples, {1}, {}, options, true, seed);
    EXPECT_TRUE(load_batch(clips.examples, {1}, {}, options, true, seed).audio.equal(batch.audio));
    lengths.push_back(batch.lengths.item<int64_t>());
    EXPECT_EQ(load_batch(clips.examples, {1}, {}, options, false, seed).lengths.item<int64_t>(), 16000);
  }
  std::sort(lengths.begin(), lengths.end());
  lengths.erase(std::unique(lengths.begin(), lengths.end()), lengths.end());
  ASSERT_EQ(lengths.size(), 3U);
  EXPECT_NEAR(static_cast<double>(lengths[0]), 16000 / 1.1, 2);
  EXPECT_EQ(lengths[1], 16000);
  EXPECT_NEAR(static_cast<double>(lengths[2]), 16000 / 0.9, 2);
}

TEST(LoadBatch, SpeedPerturbationDiffersWithinABatch) {
  const Clips clips;
  const std::vector<Example> same(16, clips.examples[1]);
  CollateOptions options{.max_samples = 0, .padding = Padding::longest, .speed_perturbation = 0.1};
  const Tensor lengths = load_batch(same, in_order(16), {}, options, true, 1).lengths;
  EXPECT_GT(lengths.max().item<int64_t>(), lengths.min().item<int64_t>());
}

TEST(Sampler, ShufflesEveryClipOnceAndDeterministically) {
  const Batches batches = shuffled_batches(103, 8, {}, 5);
  EXPECT_EQ(batches.size(), 13U);
  EXPECT_EQ(batches.back().size(), 7U);
  EXPECT_EQ(sorted(flat(batches)), in_order(103));
  EXPECT_NE(flat(batches), in_order(103));
  EXPECT_EQ(batches, shuffled_batches(103, 8, {}, 5));
  EXPECT_NE(batches, shuffled_batches(103, 8, {}, 6));
}

TEST(Sampler, GroupsClipsOfLikeLength) {
  std::vector<int64_t> lengths(1000);
  for (size_t i = 0; i < lengths.size(); ++i) lengths[i] = static_cast<int64_t>(i * 7919 % 1000);
  const auto padded = [&](const Batches& batches) {
    int64_t total = 0;
    for (const auto& batch : batches) {
      int64_t longest = 0;
      for (const size_t i : batch) longest = std::max(longest, lengths[i]);
      total += longest * static_cast<int64_t>(batch.size());
    }
    return total;
  };
  const Batches grouped = shuffled_batches(1000, 8, lengths, 5);
  EXPECT_EQ(sorted(flat(grouped)), in_order(1000));
  EXPECT_LT(static_cast<double>(padded(grouped)), 0.65 * static_cast<double>(padded(shuffled_batches(1000, 8, {}, 5))));
  EXPECT_EQ(lengths[grouped[0][0]], 999) << "the longest clip comes first";
  EXPECT_EQ(grouped, shuffled_batches(1000, 8, lengths, 5));
  EXPECT_NE(grouped, shuffled_batches(1000, 8, lengths, 6));
}

TEST(Sampler, SortedBatchesFallInLength) {
  EXPECT_EQ(sorted_batches({3, 9, 3, 5, 1}, 2), (Batches{{1, 3}, {0, 2}, {4}})) << "equal ones keep their order";
  EXPECT_TRUE(sorted_batches({}, 2).empty());
  EXPECT_THAT(usage_error_of([] { sorted_batches({1}, 0); }), HasSubstr("batch size 0"));
}

TEST(Sampler, SequentialKeepsTheOrder) {
  EXPECT_EQ(sequential_batches(5, 2), (Batches{{0, 1}, {2, 3}, {4}}));
  EXPECT_TRUE(sequential_batches(0, 2).empty());
  EXPECT_TRUE(shuffled_batches(0, 2, {}, 1).empty());
  EXPECT_THAT(usage_error_of([] { sequential_batches(5, 0); }), HasSubstr("batch size 0"));
}

TEST(Prefetcher, ReturnsBatchesInOrder) {
  const Batches plan = sequential_batches(100, 3);
  Prefetcher prefetcher(plan, numbered);
  Batch batch;
  Batches seen;
  while (prefetcher.next(batch)) seen.push_back(batch.indices);
  EXPECT_EQ(seen, plan);
  EXPECT_FALSE(prefetcher.next(batch));
}

TEST(Prefetcher, StaysAFewBatchesAhead) {
  std::atomic<size_t> loaded = 0;
  Prefetcher prefetcher(
      sequential_batches(50, 1),
      [&](const auto& indices) {
        ++loaded;
        return numbered(indices);
      },
      2);
  Batch batch;
  ASSERT_TRUE(prefetcher.next(batch));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_GE(loaded, 3U);  // works without being asked
  EXPECT_LE(loaded, 4U);  // two waiting, one in hand, one returned
}

TEST(Prefetcher, CarriesAnExceptionToItsPlace) {
  Prefetcher prefetcher(sequential_batches(5, 1), [](const std::vector<size_t>& indices) {
    if (indices[0] == 2) fail("clip 2 is bad");
    return numbered(indices);
  });
  Batch batch;
  EXPECT_TRUE(prefetcher.next(batch));
  EXPECT_TRUE(prefetcher.next(batch));
  EXPECT_THROW(prefetcher.next(batch), Error);
  EXPECT_FALSE(prefetcher.next(batch));
}

TEST(Prefetcher, CanBeDroppedAtAnyTime) {
  for (int taken = 0; taken < 5; ++taken) {
    Prefetcher prefetcher(sequential_batches(1000, 1), numbered);
    Batch batch;
    for (int i = 0; i < taken; ++i) ASSERT_TRUE(prefetcher.next(batch));
  }
  Prefetcher none({}, numbered);
  Batch batch;
  EXPECT_FALSE(none.next(batch));
}

}  // namespace sure::test
