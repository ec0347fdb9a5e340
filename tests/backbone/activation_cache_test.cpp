#include "backbone/activation_cache.h"

#include <gmock/gmock.h>

#include "core/atomic_file.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"

namespace sure::test {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;

constexpr int64_t kRoomy = 1 << 20;

void expect_keeps(ActivationCache& cache) {
  const Tensor value = torch::randn({3, 4}).to(torch::kBFloat16);
  EXPECT_FALSE(cache.find("abcd").defined());
  cache.store("abcd", value);
  EXPECT_TRUE(cache.find("abcd").equal(value));
  EXPECT_FALSE(cache.find("abce").defined());
  EXPECT_FALSE(cache.is_full());
}

void expect_stops_at_its_limit(ActivationCache& cache) {
  cache.store("aaaa", torch::ones({16}));  // 64 of 100 bytes
  cache.store("bbbb", torch::ones({16}));
  EXPECT_TRUE(cache.find("aaaa").defined());
  EXPECT_FALSE(cache.find("bbbb").defined());
  EXPECT_TRUE(cache.is_full());
}

TEST(MemoryCache, KeepsTensors) { expect_keeps(*memory_cache(kRoomy)); }

TEST(MemoryCache, StopsAtItsLimit) { expect_stops_at_its_limit(*memory_cache(100)); }

TEST(DiskCache, KeepsTensors) {
  const TemporaryFolder folder;
  expect_keeps(*disk_cache(folder.path() / "new" / "cache", kRoomy));
}

TEST(DiskCache, StopsAtItsLimit) {
  const TemporaryFolder folder;
  expect_stops_at_its_limit(*disk_cache(folder.path(), 100));
}

TEST(DiskCache, IsSharedByProcessesAndRuns) {
  const TemporaryFolder folder;
  const Tensor value = torch::randn({5});
  disk_cache(folder.path(), kRoomy)->store("abcd", value);
  EXPECT_TRUE(disk_cache(folder.path(), kRoomy)->find("abcd").equal(value));
}

TEST(DiskCache, ADamagedFileIsComputedAnew) {
  const TemporaryFolder folder;
  const auto cache = disk_cache(folder.path(), kRoomy);
  const Tensor value = torch::randn({5});
  cache->store("abcd", value);
  for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
    if (entry.is_regular_file()) fs::resize_file(entry.path(), 20);
  }
  EXPECT_FALSE(cache->find("abcd").defined());
  cache->store("abcd", value);
  EXPECT_TRUE(cache->find("abcd").equal(value));
}

TEST(DiskCache, AFileInPlaceOfTheFolderIsNamed) {
  const TemporaryFolder folder;
  write_file(folder.path() / "cache", "no folder");
  EXPECT_THAT(message_of([&] { disk_cache(folder.path() / "cache", kRoomy); }), HasSubstr("cannot make this folder"));
}

TEST(CacheKey, DependsOnSettingsAndSamples) {
  const Tensor clip = torch::randn({100});
  Tensor other = clip.clone();
  other[99] += 1e-6;
  EXPECT_EQ(cache_key("bf16", clip), cache_key("bf16", clip.clone()));
  EXPECT_NE(cache_key("bf16", clip), cache_key("fp32", clip));
  EXPECT_NE(cache_key("bf16", clip), cache_key("bf16", other));
  EXPECT_NE(cache_key("bf16", clip), cache_key("bf16", clip.narrow(0, 0, 99)));
}

}  // namespace
}  // namespace sure::test
