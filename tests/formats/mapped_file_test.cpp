#include "formats/mapped_file.h"

#include <gmock/gmock.h>

#include "core/atomic_file.h"
#include "tests/support/files.h"

namespace sure {

TEST(MappedFile, IsKnownByItsAddressesWhileItIsMapped) {
  const test::TemporaryFolder folder;
  write_file(folder / "w", "weights");
  const char* begin = nullptr;
  {
    const auto file = MappedFile::open(folder / "w");
    begin = file->bytes().data();
    EXPECT_STREQ(mapped_file_at(begin), (folder / "w").c_str());
    EXPECT_STREQ(mapped_file_at(begin + file->bytes().size() - 1), (folder / "w").c_str());
    EXPECT_EQ(mapped_file_at(begin + file->bytes().size()), nullptr);
    EXPECT_EQ(mapped_file_at(begin - 1), nullptr);
  }
  EXPECT_EQ(mapped_file_at(begin), nullptr);
}

}  // namespace sure
