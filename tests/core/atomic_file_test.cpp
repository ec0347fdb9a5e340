#include "core/atomic_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>
#include <vector>

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
  write_folder(folder / "best", [](const fs::path& fresh) { fill_with(fresh, "old"); });
  write_folder(folder / "best", [](const fs::path& fresh) { fill_with(fresh, "new"); });
  EXPECT_EQ(read_file(folder / "best" / "text"), "new");
  EXPECT_THAT(names_in(folder.path()), testing::ElementsAre("best"));
}

TEST(WriteFolder, MakesTheFoldersAbove) {
  const TemporaryFolder folder;
  write_folder(folder / "a" / "b", [](const fs::path& fresh) { fill_with(fresh, "text"); });
  EXPECT_EQ(read_file(folder / "a" / "b" / "text"), "text");
}

TEST(WriteFolder, IsNotThereUnderItsNameBeforeItIsWhole) {
  const TemporaryFolder folder;
  write_folder(folder / "best", [&](const fs::path& fresh) {
    fill_with(fresh, "text");
    EXPECT_FALSE(fs::exists(folder / "best"));
    EXPECT_TRUE(fresh.string().ends_with(".tmp"));
  });
}

TEST(WriteFolder, AFailureHalfWayLeavesTheOldOneAlone) {
  const TemporaryFolder folder;
  write_folder(folder / "best", [](const fs::path& fresh) { fill_with(fresh, "old"); });
  const auto fails = [](const fs::path& fresh) {
    fill_with(fresh, "half");
    throw std::runtime_error("stop");
  };
  EXPECT_THROW(write_folder(folder / "best", fails), std::runtime_error);
  EXPECT_EQ(read_file(folder / "best" / "text"), "old");
  EXPECT_THAT(names_in(folder.path()), testing::ElementsAre("best"));
}

TEST(ReadFile, NamesWhatCannotBeRead) {
  const TemporaryFolder folder;
  EXPECT_THAT(test::message_of([&] { read_file(folder / "none"); }), testing::HasSubstr("none"));
  EXPECT_THAT(test::message_of([&] { read_file(folder.path()); }), testing::HasSubstr("folder"));
}

}  // namespace
}  // namespace sure
