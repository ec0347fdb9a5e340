#include "backbone/activation_cache.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <set>

#include "core/atomic_file.h"
#include "formats/safetensors.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"

namespace sure::test {
namespace {

namespace fs = std::filesystem;

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int64_t kRoomy = 1 << 20;
constexpr int64_t kItems = 1024;              // of a value in the tests of limits: 4 KiB
constexpr int64_t kEntry = kItems * 4 + 256;  // what it takes at most
constexpr const char* kHalfWritten = "ab/abcd.activation.4711.tmp";

std::string key_of(int64_t i) { return fmt::format("{:02x}{:02x}", i % 7, i); }

Tensor value_of(int64_t i) { return torch::full({kItems}, static_cast<double>(i)); }

void store(ActivationCache& cache, int64_t i) { cache.store(key_of(i), value_of(i)); }

bool holds(ActivationCache& cache, int64_t i) {
  const Tensor found = cache.find(key_of(i));
  return found.defined() && found.equal(value_of(i));
}

void expect_keeps(ActivationCache& cache) {
  const Tensor value = torch::randn({3, 4}).to(torch::kBFloat16);
  EXPECT_FALSE(cache.find("abcd").defined());
  cache.store("abcd", value);
  EXPECT_TRUE(cache.find("abcd").equal(value));
  EXPECT_FALSE(cache.find("abce").defined());
  EXPECT_THAT(cache.shortfall(), IsEmpty());
}

void expect_stops_at_its_limit(ActivationCache& cache) {
  store(cache, 1);
  store(cache, 1);
  EXPECT_THAT(cache.shortfall(), IsEmpty()) << "the same entry counted twice";
  store(cache, 2);
  EXPECT_TRUE(holds(cache, 1));
  EXPECT_FALSE(holds(cache, 2));
  EXPECT_THAT(cache.shortfall(), HasSubstr("--cache_gb"));
}

TEST(MemoryCache, KeepsTensors) { expect_keeps(*memory_cache(kRoomy)); }

TEST(MemoryCache, StopsAtItsLimit) { expect_stops_at_its_limit(*memory_cache(kEntry)); }

class DiskCache : public testing::Test {
 protected:
  std::unique_ptr<ActivationCache> open(int64_t limit = kRoomy) const { return disk_cache(folder.path(), limit); }

  fs::path file_of(int64_t i) const { return folder / key_of(i).substr(0, 2) / (key_of(i) + ".activation"); }

  /// As if it had last been used so long ago.
  void age(int64_t i, int64_t hours) const {
    fs::last_write_time(file_of(i), fs::file_time_type::clock::now() - std::chrono::hours(hours));
  }

  /// Entries 0 to `count`, used that many hours ago.
  void fill(int64_t count) const {
    const auto cache = open();
    for (int64_t i = 0; i < count; ++i) store(*cache, i);
    for (int64_t i = 0; i < count; ++i) age(i, i + 1);
  }

  std::set<int64_t> kept(int64_t count) const {
    std::set<int64_t> found;
    for (int64_t i = 0; i < count; ++i) {
      if (fs::exists(file_of(i))) found.insert(i);
    }
    return found;
  }

  /// Of entries, while others may come and go.
  int64_t bytes() const {
    int64_t sum = 0;
    for (const auto& item : fs::recursive_directory_iterator(folder.path())) {
      std::error_code gone;
      const auto size = static_cast<int64_t>(fs::file_size(item.path(), gone));
      if (!gone && item.path().extension() == ".activation") sum += size;
    }
    return sum;
  }

  void write_by_hand(const fs::path& name, const std::string& text) const {
    fs::create_directories((folder / name).parent_path());
    write_file(folder / name, text);
  }

  const TemporaryFolder folder;
};

/// Runs `work` in a process of its own; it says whether all was well.
pid_t start(const std::function<bool()>& work) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(work() ? 0 : 1);
  return child;
}

int wait_for(pid_t child) {
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

TEST_F(DiskCache, KeepsTensors) { expect_keeps(*disk_cache(folder / "new" / "cache", kRoomy)); }

TEST_F(DiskCache, StopsAtItsLimit) { expect_stops_at_its_limit(*open(kEntry)); }

TEST_F(DiskCache, IsSharedByRuns) {
  store(*open(), 3);
  EXPECT_TRUE(holds(*open(), 3));
}

TEST_F(DiskCache, CountsWhatEarlierRunsLeft) {
  fill(3);
  const auto cache = open(4 * kEntry);
  for (int64_t i = 0; i < 3; ++i) EXPECT_TRUE(holds(*cache, i));
  store(*cache, 3);
  store(*cache, 4);
  EXPECT_THAT(kept(5), ElementsAre(0, 1, 2, 3)) << "the others are in use, so the last has no place";
  EXPECT_THAT(cache->shortfall(), HasSubstr("--cache_gb"));
}

TEST_F(DiskCache, WhatIsLongestUnusedMakesRoom) {
  fill(4);
  const auto cache = open(4 * kEntry);
  EXPECT_TRUE(holds(*cache, 3)) << "the longest unused so far";
  store(*cache, 4);
  EXPECT_THAT(kept(5), ElementsAre(0, 1, 3, 4));
  store(*cache, 5);
  EXPECT_THAT(kept(6), ElementsAre(0, 3, 4, 5));
  EXPECT_THAT(cache->shortfall(), IsEmpty());
}

TEST_F(DiskCache, EpochsOverMoreClipsThanItHoldsFindTheSameOnesAgain) {
  fill(6);
  const auto cache = open(4 * kEntry);
  const auto epoch = [&] {
    std::set<int64_t> hits;
    for (int64_t i = 10; i < 18; ++i) {
      if (holds(*cache, i)) hits.insert(i);
      store(*cache, i);
    }
    return hits;
  };
  EXPECT_THAT(epoch(), IsEmpty());
  EXPECT_THAT(epoch(), ElementsAre(10, 11, 12, 13));
  EXPECT_THAT(epoch(), ElementsAre(10, 11, 12, 13));
  EXPECT_LE(bytes(), 4 * kEntry);
}

TEST_F(DiskCache, RunsBesideEachOtherDoNotTakeTurnsAtThrowingOut) {
  const auto first = open(2 * kEntry), second = open(2 * kEntry);
  store(*first, 0);
  store(*first, 1);
  store(*second, 2);
  EXPECT_THAT(kept(3), ElementsAre(0, 1));
  EXPECT_THAT(second->shortfall(), HasSubstr("--cache_gb"));
}

TEST_F(DiskCache, AnEntryTooLargeForItThrowsNothingOut) {
  fill(3);
  const auto cache = open(kEntry / 2);
  store(*cache, 3);
  EXPECT_THAT(kept(4), ElementsAre(0, 1, 2));
}

TEST_F(DiskCache, WhatIsThrownOutStaysValidForWhoHoldsIt) {
  store(*open(), 0);
  const auto reader = open();
  const Tensor mapped = reader->find(key_of(0));
  age(0, 1);
  store(*open(kEntry), 1);
  EXPECT_FALSE(fs::exists(file_of(0)));
  EXPECT_TRUE(mapped.equal(value_of(0)));
  EXPECT_FALSE(reader->find(key_of(0)).defined());
}

TEST_F(DiskCache, IsMappedNotRead) {
  store(*open(), 0);
  const Tensor mapped = open()->find(key_of(0));
  std::ifstream maps("/proc/self/maps");
  const std::string text{std::istreambuf_iterator<char>(maps), {}};
  EXPECT_THAT(text, HasSubstr(file_of(0).string()));
}

TEST_F(DiskCache, ADamagedFileIsComputedAnew) {
  const auto cache = open();
  store(*cache, 0);
  store(*cache, 1);
  for (const uintmax_t size : {0, 4, 20, 2000}) {
    fs::resize_file(file_of(0), size);
    EXPECT_FALSE(holds(*cache, 0));
    store(*cache, 0);
    EXPECT_TRUE(holds(*cache, 0));
  }
  write_file(file_of(0), std::string(5000, 'x'));
  EXPECT_FALSE(holds(*cache, 0));
  fs::copy_file(file_of(1), file_of(0), fs::copy_options::overwrite_existing);
  EXPECT_FALSE(cache->find(key_of(0)).defined()) << "another clip's";
  write_safetensors(file_of(0), {});
  EXPECT_FALSE(cache->find(key_of(0)).defined()) << "no tensor at all";
}

TEST_F(DiskCache, OtherFilesInTheFolderAreLeftAlone) {
  const std::vector<const char*> others = {"model.safetensors", "ab/notes.txt", "ab/other.tmp"};
  for (const char* other : others) write_by_hand(other, std::string(3 * kEntry, 'x'));
  const auto cache = open(kEntry);
  store(*cache, 0);
  store(*cache, 1);
  EXPECT_TRUE(holds(*cache, 0));
  for (const char* other : others) EXPECT_TRUE(fs::exists(folder / other)) << other;
}

TEST_F(DiskCache, WhatAKilledProcessLeftHalfWrittenGoes) {
  write_by_hand(kHalfWritten, "half");
  const auto cache = open();
  EXPECT_FALSE(fs::exists(folder / kHalfWritten));
  expect_keeps(*cache);
}

TEST_F(DiskCache, AKillInTheMiddleLeavesItWhole) {
  for (int repeat = 0; repeat < 5; ++repeat) {
    const pid_t child = start([&] {
      const auto cache = open();
      for (int64_t i = 0;; i = (i + 1) % 50) {
        store(*cache, i);
        fs::remove(file_of(i));
      }
      return true;
    });
    ::usleep(20'000 + 3'000 * static_cast<useconds_t>(repeat));
    ::kill(child, SIGKILL);
    EXPECT_TRUE(WIFSIGNALED(wait_for(child)));
    const auto cache = open(kEntry);
    for (int64_t i = 0; i < 50; ++i) {
      EXPECT_EQ(holds(*cache, i), fs::exists(file_of(i)));
      fs::remove(file_of(i));
    }
    for (const auto& item : fs::recursive_directory_iterator(folder.path())) {
      EXPECT_NE(item.path().extension(), ".tmp") << item.path();
    }
    const auto counted_anew = open(kEntry);
    store(*counted_anew, repeat);
    EXPECT_TRUE(holds(*counted_anew, repeat)) << "what is gone still counts";
  }
}

TEST_F(DiskCache, ProcessesShareOneLimit) {
  constexpr int64_t kLimit = 8 * kEntry;
  fill(8);
  const auto work = [&](int64_t shift) {
    const auto cache = open(kLimit);
    bool good = true;
    for (int64_t i = 100; i < 140; ++i) {
      store(*cache, i + shift);
      const Tensor found = cache->find(key_of(i));  // unless a process that began later threw it out
      good = good && (!found.defined() || found.equal(value_of(i)));
    }
    return good && !cache->shortfall().empty();
  };
  const std::vector<pid_t> children = {start([&] { return work(0); }), start([&] { return work(20); }),
                                       start([&] { return work(50); })};
  for (int look = 0; look < 50; ++look) {
    EXPECT_LE(bytes(), kLimit);
    ::usleep(1000);
  }
  for (const pid_t child : children) EXPECT_EQ(wait_for(child), 0);
  EXPECT_LE(bytes(), kLimit);
  EXPECT_GT(bytes(), kLimit - kEntry) << "there is room left for one more";
  EXPECT_THAT(kept(8), IsEmpty()) << "the old ones make room for those in use";
}

TEST_F(DiskCache, ADiskThatTakesNothingStopsNoRun) {
  const auto cache = open();
  write_file(folder / key_of(0).substr(0, 2), "a file where a folder must be");
  store(*cache, 0);
  EXPECT_FALSE(holds(*cache, 0));
  EXPECT_THAT(cache->shortfall(), HasSubstr(folder.path().string()));
  store(*cache, 1);
  EXPECT_TRUE(holds(*cache, 1));
}

TEST_F(DiskCache, AFileInPlaceOfTheFolderIsNamed) {
  write_file(folder / "cache", "no folder");
  EXPECT_THAT(message_of([&] { disk_cache(folder / "cache", kRoomy); }), HasSubstr("cannot use this folder"));
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
