#include "text/encoding.h"

#include <gmock/gmock.h>

#include "tests/support/errors.h"

namespace sure::test {

using ::testing::HasSubstr;
using namespace std::string_literals;

namespace {

// "a", e acute, a Chinese character, an emoji beyond the first 65,536 code points.
const std::string kText = "a\xC3\xA9\xE6\x89\x93\xF0\x9F\x98\x80\n";
const std::string kLittleEndian =
    "\xFF\xFE"
    "a\0\xE9\0\x53\x62\x3D\xD8\x00\xDE\n\0"s;
const std::string kBigEndian =
    "\xFE\xFF"
    "\0a\0\xE9\x62\x53\xD8\x3D\xDE\x00\0\n"s;

}  // namespace

TEST(Encoding, AllThatSayTheSameReadTheSame) {
  EXPECT_EQ(to_utf8(kText, "f"), kText);
  EXPECT_EQ(to_utf8("\xEF\xBB\xBF" + kText, "f"), kText);
  EXPECT_EQ(to_utf8(kLittleEndian, "f"), kText);
  EXPECT_EQ(to_utf8(kBigEndian, "f"), kText);
  EXPECT_EQ(to_utf8("", "f"), "");
}

TEST(Encoding, OtherBytesAreRefusedWithTheWayOut) {
  const std::string gbk = "0001_000001\t\xB4\xF2\xD4\xB6";
  EXPECT_THAT(message_of([&] { to_utf8(gbk, "0001.txt"); }), HasSubstr("0001.txt: bytes that are neither UTF-8"));
  EXPECT_THAT(message_of([&] { to_utf8(gbk, "0001.txt"); }), HasSubstr("iconv -f GB18030"));
}

TEST(Encoding, DamagedUtf16IsNamed) {
  EXPECT_THAT(message_of([&] { to_utf8(kLittleEndian + "x", "f"); }), HasSubstr("expected an even number"));
  EXPECT_THAT(message_of([&] {
                to_utf8(
                    "\xFF\xFE"
                    "a\0\x3D\xD8"s,
                    "f");
              }),
              HasSubstr("unit D83D at 1"));
  EXPECT_THAT(message_of([&] { to_utf8("\xFF\xFE\x00\xDE\x3D\xD8"s, "f"); }), HasSubstr("unit DE00 at 0"));
}

}  // namespace sure::test
