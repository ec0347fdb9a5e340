#include "formats/tensorboard.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cstring>
#include <ctime>

#include "core/atomic_file.h"
#include "formats/crc32c.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"

namespace sure::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

/// Test vectors of RFC 3720, appendix B.4.
TEST(Crc32c, MatchesItsStandard) {
  EXPECT_EQ(crc32c(""), 0U);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43U);
}

fs::path only_file(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  EXPECT_EQ(files.size(), 1U);
  return files.at(0);
}

template <class T>
T number(std::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

/// Payloads of the records; both checksums are checked.
std::vector<std::string> read_records(const fs::path& path) {
  const std::string bytes = read_file(path);
  std::vector<std::string> payloads;
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const auto length = number<uint64_t>(rest);
    EXPECT_EQ(number<uint32_t>(rest.substr(8)), masked_crc32c(rest.substr(0, 8)));
    payloads.emplace_back(rest.substr(12, length));
    EXPECT_EQ(number<uint32_t>(rest.substr(12 + length)), masked_crc32c(payloads.back()));
    rest.remove_prefix(12 + length + 4);
  }
  return payloads;
}

/// Field `tag` of the wire format, a 4-byte float, somewhere in a payload.
std::string float_field(char tag, float value) {
  std::string bytes(5, tag);
  std::memcpy(bytes.data() + 1, &value, sizeof(value));
  return bytes;
}

TEST(EventWriter, WritesTheVersionThenOneRecordAScalar) {
  const TemporaryFolder folder;
  EventWriter writer(folder / "logs/run");
  writer.scalar("train/loss", 0.25, 7);
  writer.scalar("eval/accuracy", 1.5, 300);
  writer.flush();

  const fs::path path = only_file(folder / "logs/run");
  EXPECT_THAT(path.filename().string(), testing::StartsWith("events.out.tfevents."));
  const std::vector<std::string> records = read_records(path);
  ASSERT_EQ(records.size(), 3U);
  EXPECT_THAT(records[0], HasSubstr("\x1a\x0d"
                                    "brain.Event:2"));  // field 3, text of 13 bytes
  EXPECT_THAT(records[1], AllOf(HasSubstr("train/loss"), HasSubstr("\x10\x07"), HasSubstr(float_field('\x15', 0.25F))));
  EXPECT_THAT(records[2],
              AllOf(HasSubstr("eval/accuracy"), HasSubstr("\x10\xac\x02"), HasSubstr(float_field('\x15', 1.5F))));
}

TEST(EventWriter, KeepsWhatAnEarlierWriterOfTheSameSecondWrote) {
  const TemporaryFolder folder;
  EventWriter(folder.path()).scalar("a", 1, 1);
  EventWriter(folder.path()).scalar("b", 2, 2);
  size_t records = 0;
  for (const auto& entry : fs::directory_iterator(folder.path())) records += read_records(entry.path()).size();
  EXPECT_EQ(records, 4U);
}

TEST(EventWriter, SaysWhenItsFolderCannotBeMade) {
  const TemporaryFolder folder;
  write_file(folder / "file", "");
  EXPECT_THAT(message_of([&] { EventWriter writer(folder / "file/logs"); }),
              HasSubstr("file/logs: cannot make this folder"));
}

TEST(EventWriter, SaysWhenTheDiskIsFull) {
  const TemporaryFolder folder;
  std::string host(256, '\0');
  ASSERT_EQ(::gethostname(host.data(), host.size()), 0);
  const std::time_t now = std::time(nullptr);
  for (int i = 0; i < 5; ++i) {
    fs::create_symlink("/dev/full",
                       folder / fmt::format("events.out.tfevents.{}.{}.{}", now + i, host.c_str(), ::getpid()));
  }
  const std::string message = message_of([&] { EventWriter writer(folder.path()); });
  EXPECT_THAT(message, AllOf(HasSubstr("events.out.tfevents"), HasSubstr("No space left on device")));
}

}  // namespace
}  // namespace sure::test
