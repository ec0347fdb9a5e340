#include "core/atomic_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <vector>

#include "core/descriptor.h"
#include "core/run_lock.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"

namespace sure {
namespace {

namespace fs = std::filesystem;
using test::TemporaryFolder;

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  return names;
}

const FolderKind kKind = {"sure test", {"old-weights"}, {}};

void fill_with(const fs::path& folder, const std::string& text) { write_file(folder / "text", text); }

TEST(WriteFile, ReplacesTheOldOne) {
  const TemporaryFolder folder;
  write_file(folder / "a", "old");
  write_file(folder / "a", std::string_view("new\0bytes", 9));
  EXPECT_EQ(read_file(folder / "a"), std::string("new\0bytes", 9));
  EXPECT_THAT(names_in(folder.path()), testing::ElementsAre("a"));
}

TEST(WriteFile, AFailureHalfWayLeavesTheOldOneAlone) {
  const TemporaryFolder folder;
  write_file(folder / "a", "old");
  const auto fails = [](std::ostream& out) {
    out << "half";
    throw std::runtime_error("stop");
  };
  EXPECT_THROW(write_file(folder / "a", fails), std::runtime_error);
  EXPECT_EQ(read_file(folder / "a"), "old");
  EXPECT_THAT(names_in(folder.path()), testing::ElementsAre("a"));
}

TEST(WriteFile, NamesTheFileThatCannotBeWritten) {
  const TemporaryFolder folder;
  EXPECT_THAT(test::message_of([&] { write_file(folder / "none" / "a", "text"); }),
              testing::AllOf(testing::HasSubstr("none/a"), testing::HasSubstr("No such file")));
}

TEST(WriteFolder, ReplacesAFolderThatIsNotEmpty) {
  const TemporaryFolder folder;
  write_folder(folder / "best", kKind, [](const fs::path& fresh) { fill_with(fresh, "old"); });
  write_folder(folder / "best", kKind, [](const fs::path& fresh) { fill_with(fresh, "new"); });
  EXPECT_EQ(read_file(folder / "best" / "text"), "new");
  EXPECT_THAT(names_in(folder.path()), testing::ElementsAre("best"));
}

TEST(WriteFolder, MakesTheFoldersAbove) {
  const TemporaryFolder folder;
  write_folder(folder / "a" / "b", kKind, [](const fs::path& fresh) { fill_with(fresh, "text"); });
  EXPECT_EQ(read_file(folder / "a" / "b" / "text"), "text");
}

TEST(WriteFolder, IsNotThereUnderItsNameBeforeItIsWhole) {
  const TemporaryFolder folder;
  write_folder(folder / "best", kKind, [&](const fs::path& fresh) {
    fill_with(fresh, "text");
    EXPECT_FALSE(fs::exists(folder / "best"));
    EXPECT_TRUE(fresh.string().ends_with(".tmp"));
  });
}

TEST(WriteFolder, AFailureHalfWayLeavesTheOldOneAlone) {
  const TemporaryFolder folder;
  write_folder(folder / "best", kKind, [](const fs::path& fresh) { fill_with(fresh, "old"); });
  const auto fails = [](const fs::path& fresh) {
    fill_with(fresh, "half");
    throw std::runtime_error("stop");
  };
  EXPECT_THROW(write_folder(folder / "best", kKind, fails), std::runtime_error);
  EXPECT_EQ(read_file(folder / "best" / "text"), "old");
  EXPECT_THAT(names_in(folder.path()), testing::ElementsAre("best"));
}

std::vector<std::string> visible_in(const fs::path& folder) {
  std::vector<std::string> names = names_in(folder);
  std::erase_if(names, [](const std::string& name) { return name.starts_with('.'); });
  std::sort(names.begin(), names.end());
  return names;
}

TEST(WriteFile, KeepsTheModeOfTheOldOne) {
  const TemporaryFolder folder;
  write_file(folder / "a", "old");
  fs::permissions(folder / "a", fs::perms::owner_read | fs::perms::owner_write);
  write_file(folder / "a", "new");
  EXPECT_EQ(fs::status(folder / "a").permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST(WriteFile, FollowsLinks) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "elsewhere");
  for (const char* target : {"elsewhere/there", "elsewhere/new"}) {
    fs::create_symlink(target, folder / "link");
    write_file(folder / "link", "text");
    EXPECT_TRUE(fs::is_symlink(folder / "link"));
    EXPECT_EQ(read_file(folder / target), "text");
    fs::remove(folder / "link");
  }
  fs::create_symlink("loop", folder / "loop");
  EXPECT_THAT(test::message_of([&] { write_file(folder / "loop", "text"); }), testing::HasSubstr("links"));
}

TEST(WriteFile, WritesThroughPipesAndDescriptors) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  std::string read;
  std::thread reader([&] { read = read_file(folder / "pipe"); });
  write_file(folder / "pipe", "text");
  reader.join();
  EXPECT_EQ(read, "text");
  EXPECT_TRUE(fs::is_fifo(folder / "pipe"));

  const Descriptor file(::open((folder / "opened").c_str(), O_WRONLY | O_CREAT, 0600));
  fs::create_symlink(fmt::format("/dev/fd/{}", file.value()), folder / "link");
  write_file(folder / "link", "one ");
  write_file(fmt::format("/proc/self/fd/{}", file.value()), "two");
  EXPECT_EQ(read_file(folder / "opened"), "one two");
}

TEST(WriteFile, ADeviceStaysADevice) {
  const TemporaryFolder folder;
  fs::create_symlink("/dev/null", folder / "null");
  write_file(folder / "null", "text");
  EXPECT_TRUE(fs::is_character_file(folder / "null"));
  EXPECT_THAT(test::message_of([] { write_file("/dev/full", "text"); }), testing::HasSubstr("No space"));
  EXPECT_THAT(test::message_of([&] { write_file(folder.path(), "text"); }), testing::HasSubstr("folder"));
}

TEST(WriteFile, RemovesWhatADeadWriterLeft) {
  const TemporaryFolder folder;
  write_file(folder / "a.999999999-0123456789abcdef.tmp", "half");
  write_file(folder / "b.999999999-0123456789abcdef.tmp", "half");
  write_file(folder / "a.mine.tmp", "text");
  write_file(folder / "a", [&](std::ostream&) { remove_leftovers_of(folder / "a"); });  // the writer itself lives
  EXPECT_THAT(visible_in(folder.path()), testing::ElementsAre("a", "a.mine.tmp", "b.999999999-0123456789abcdef.tmp"));
}

TEST(WriteFolder, LeavesAloneWhatItDidNotWrite) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "mine");
  write_file(folder / "mine" / "notes", "precious");
  const auto fill = [](const fs::path& fresh) { fill_with(fresh, "text"); };
  const auto message = [&](const FolderKind& kind, const char* name) {
    return test::message_of([&] { write_folder(folder / name, kind, fill); });
  };
  EXPECT_THAT(message(kKind, "mine"), testing::HasSubstr("not written by sure test"));
  EXPECT_EQ(read_file(folder / "mine" / "notes"), "precious");
  write_folder(folder / "ours", kKind, fill);
  EXPECT_THAT(message({"sure other: model", {}, {}}, "ours"), testing::HasSubstr("not written by sure other and"));
  EXPECT_THAT(visible_in(folder.path()), testing::ElementsAre("mine", "ours"));
}

TEST(WriteFolder, KeepsTheUsersFilesInIt) {
  const TemporaryFolder folder;
  write_folder(folder / "best", kKind, [](const fs::path& fresh) { write_file(fresh / "gone", "old"); });
  write_file(folder / "best" / "notes", "precious");
  fs::create_directory(folder / "best" / ".git");
  write_folder(folder / "best", kKind, [](const fs::path& fresh) { fill_with(fresh, "new"); });
  EXPECT_THAT(visible_in(folder / "best"), testing::ElementsAre("notes", "text"));
  EXPECT_TRUE(fs::exists(folder / "best" / ".git"));
  EXPECT_EQ(remove_own(folder / "best", kKind), "");
  EXPECT_THAT(visible_in(folder / "best"), testing::ElementsAre("notes"));
  write_folder(folder / "best", kKind, [](const fs::path& fresh) { fill_with(fresh, "new"); });
  EXPECT_THAT(visible_in(folder / "best"), testing::ElementsAre("notes", "text"));
}

TEST(WriteFolder, KnowsFoldersOfOlderVersions) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "best");
  write_file(folder / "best" / "old-weights", "old");
  write_file(folder / "best" / "notes", "precious");
  write_folder(folder / "best", kKind, [](const fs::path& fresh) { fill_with(fresh, "new"); });
  EXPECT_THAT(visible_in(folder / "best"), testing::ElementsAre("notes", "text"));
}

TEST(WriteFolder, FillsInPlaceWhatCannotBeReplaced) {
  const TemporaryFolder folder;
  const fs::path here = fs::current_path();
  fs::current_path(folder.path());
  write_folder(".", kKind, [](const fs::path& fresh) { write_file(fresh / "gone", "old"); });
  write_file("notes", "precious");
  write_folder(".", kKind, [](const fs::path& fresh) { fill_with(fresh, "new"); });
  fs::current_path(here);
  EXPECT_THAT(visible_in(folder.path()), testing::ElementsAre("notes", "text"));
}

TEST(WriteFolder, TakesLinksAndSlashesAtTheEnd) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "there");
  fs::create_directory_symlink("there", folder / "link");
  for (const char* name : {"new/", "link", "link/", "there/."}) {
    write_folder(folder / name, kKind, [&](const fs::path& fresh) { fill_with(fresh, name); });
    EXPECT_EQ(read_file(folder / name / "text"), name);
  }
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_THAT(visible_in(folder.path()), testing::ElementsAre("link", "new", "there"));
}

/// As a writer that was killed between two renames leaves it: `best` set aside, the new one whole beside its place.
void leave_between_renames(const TemporaryFolder& folder, bool merging) {
  const auto fill = [](const char* text) { return [text](const fs::path& fresh) { fill_with(fresh, text); }; };
  write_folder(folder / "best", kKind, fill("old"));
  write_file(folder / "best" / "notes", "precious");
  write_folder(folder / "new", kKind, fill("new"));
  if (!merging) fs::rename(folder / "best", folder / "best.999999999-0123456789abcdef.tmp");
  fs::rename(folder / "new", folder / "best.999999999-fedcba9876543210.new");
}

TEST(SettleFolder, FindsWhatAKilledWriterLeftWhole) {
  for (const bool merging : {false, true}) {
    const TemporaryFolder folder;
    leave_between_renames(folder, merging);
    settle_folder(folder / "best");
    EXPECT_EQ(read_file(folder / "best" / "text"), "new");
    remove_leftovers(folder.path());
    EXPECT_THAT(names_in(folder.path()), testing::ElementsAre("best"));
    EXPECT_EQ(read_file(folder / "best" / "notes"), "precious");
  }
}

TEST(ReadFile, NamesWhatCannotBeRead) {
  const TemporaryFolder folder;
  EXPECT_THAT(test::message_of([&] { read_file(folder / "none"); }), testing::HasSubstr("none"));
  EXPECT_THAT(test::message_of([&] { read_file(folder.path()); }), testing::HasSubstr("folder"));
}

TEST(ReadFile, AReadErrorIsNoEnd) {
  // The first page of a process's memory is not mapped: reading there is an input/output error.
  EXPECT_THAT(test::message_of([] { read_file("/proc/self/mem"); }), testing::HasSubstr("Input/output error"));
}

TEST(RunLock, NamesItsHolderAndGoesWithIt) {
  const TemporaryFolder folder;
  {
    const RunLock lock(folder / "lock", "sure test", "--output_dir x");
    EXPECT_EQ(lock.note(), "");
    EXPECT_THAT(test::message_of([&] { RunLock(folder / "lock", "sure other", "--output_dir x"); }),
                testing::AllOf(testing::HasSubstr("--output_dir x: sure test, process "),
                               testing::HasSubstr(std::to_string(::getpid()))));
  }
  EXPECT_FALSE(fs::exists(folder / "lock"));
  write_file(folder / "lock", "sure test, process 1 on nowhere");  // of a process that was killed
  const RunLock lock(folder / "lock", "sure test", "--output_dir x");
}

}  // namespace
}  // namespace sure
