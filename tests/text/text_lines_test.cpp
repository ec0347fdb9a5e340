#include "text/text_lines.h"

#include <gmock/gmock.h>

#include "tests/support/errors.h"

namespace sure::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(TextLines, SkipsBlankLinesAndCountsThem) {
  TextLines lines("\xEF\xBB\xBFone two\r\n\n \t \n  three", "list.txt");
  ASSERT_TRUE(lines.next());
  EXPECT_EQ(lines.line(), "one two");
  EXPECT_THAT(lines.fields(), ElementsAre("one", "two"));
  EXPECT_EQ(lines.where(), "list.txt:1");
  ASSERT_TRUE(lines.next());
  EXPECT_EQ(lines.line(), "  three");
  EXPECT_THAT(lines.fields(), ElementsAre("three"));
  EXPECT_EQ(lines.number(), 4);
  EXPECT_FALSE(lines.next());
}

TEST(TextLines, NulBytesEndLinesWhereTheyAre) {
  const std::string text("a\0b\nc\0\0d", 9);
  TextLines lines(text, "list.txt");
  std::vector<std::string> found;
  while (lines.next()) found.emplace_back(lines.line());
  EXPECT_THAT(found, ElementsAre("a", "b\nc", "d"));
  EXPECT_THAT(list_entries(text), ElementsAre("a", "b\nc", "d"));
  EXPECT_THAT(list_entries("\xEF\xBB\xBF"
                           "a\r\n\r\n  \n\tb c\n"),
              ElementsAre("a", "\tb c"));
}

TEST(TextLines, LinesOfOldMacsAndUtf16) {
  const std::string utf16("\xFF\xFE\xE9\0 \0\x31\0\r\0\n\0b\0\r\0\n\0", 18);
  for (const auto& text : {std::string("\xC3\xA9 1\rb\r"), utf16}) {
    TextLines lines(text, "list.txt");
    ASSERT_TRUE(lines.next());
    EXPECT_THAT(lines.fields(), ElementsAre("\xC3\xA9", "1"));
    ASSERT_TRUE(lines.next());
    EXPECT_EQ(lines.where(), "list.txt:2");
    EXPECT_EQ(lines.line(), "b");
    EXPECT_FALSE(lines.next());
  }
  EXPECT_THAT(message_of([&] { TextLines(utf16.substr(0, 17), "list.txt"); }), HasSubstr("list.txt: UTF-16"));
}

TEST(TextLines, ListsOfOldMacs) { EXPECT_THAT(list_entries("a b\rc\r\r"), ElementsAre("a b", "c")); }

TEST(TextLines, RefusesWhatIsNotUtf8UnlessAskedForAnything) {
  TextLines strict("a\nb\xE9\n", "list.txt");
  EXPECT_TRUE(strict.next());
  EXPECT_THAT(message_of([&] { strict.next(); }), HasSubstr("list.txt:2: expected UTF-8 text"));
  TextLines any("b\xE9\n", "list.txt", TextBytes::any);
  ASSERT_TRUE(any.next());
  EXPECT_EQ(any.line(), "b\xE9");
}

TEST(TextLines, RefusalsQuoteTheLine) {
  TextLines lines("one two", "list.txt");
  lines.next();
  EXPECT_THAT(message_of([&] { lines.refuse("a number"); }),
              HasSubstr("list.txt:1: expected a number, found 'one two'"));
  lines.next();
  EXPECT_THAT(message_of([&] { lines.refuse("a number"); }), HasSubstr("found the end of the file"));
}

}  // namespace
}  // namespace sure::test
