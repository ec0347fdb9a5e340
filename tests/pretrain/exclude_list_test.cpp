#include "pretrain/exclude_list.h"

#include <gmock/gmock.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "tests/support/files.h"

namespace sure {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ExcludeListTest : public testing::Test {
 protected:
  ExcludeList list(const std::string& lines) {
    write_file(folder / "list.txt", lines);
    return ExcludeList(folder / "list.txt");
  }

  test::TemporaryFolder folder;
};

TEST_F(ExcludeListTest, NamesFilesAndFoldersByTheEndOfTheirPath) {
  ExcludeList names = list("p225/\nwav/b.flac\n\n# p226\n/data/c\n");
  EXPECT_TRUE(names.leaves_out("/corpus/p225/deep/a.wav"));
  EXPECT_TRUE(names.leaves_out("corpus/wav/b.flac"));
  EXPECT_TRUE(names.leaves_out("/data/c/x.wav"));
  EXPECT_FALSE(names.leaves_out("/corpus/p226/a.wav"));
  EXPECT_FALSE(names.leaves_out("/corpus/xp225/a.wav"));
  EXPECT_FALSE(names.leaves_out("/corpus/other/b.flac"));
  EXPECT_FALSE(names.leaves_out("/more/data/c/x.wav"));
}

TEST_F(ExcludeListTest, TakesPatterns) {
  ExcludeList patterns = list("*_george_*\n[ab]?\n");
  EXPECT_TRUE(patterns.leaves_out("fsdd/recordings/3_george_1.flac"));
  EXPECT_TRUE(patterns.leaves_out("corpus/a1/clip.wav"));
  EXPECT_FALSE(patterns.leaves_out("fsdd/recordings/3_lucas_1.flac"));
  EXPECT_FALSE(patterns.leaves_out("corpus/c1/clip.wav"));
}

TEST_F(ExcludeListTest, TellsWhichLinesNamedNothing) {
  ExcludeList names = list("p225\np999\n*_x_*\n");
  names.leaves_out("corpus/p225/a.wav");
  EXPECT_THAT(names.idle(), ElementsAre("p999", "*_x_*"));
}

TEST_F(ExcludeListTest, IsEmptyWithoutAFile) {
  ExcludeList none("");
  EXPECT_FALSE(none.leaves_out("a.wav"));
  EXPECT_THAT(none.idle(), IsEmpty());
  EXPECT_THROW(ExcludeList(folder / "absent.txt"), Error);
}

}  // namespace
}  // namespace sure
