#include "text/printable.h"

#include <gmock/gmock.h>

#include "text/counted.h"

namespace sure {
namespace {

using ::testing::ElementsAre;

TEST(Printable, ShowsWhatWouldMoveTheCursorOrBeginALine) {
  EXPECT_EQ(printable("a\nb\t\r\x1b[2J\x07\x7f"), "a\\nb\\t\\r\\x1b[2J\\x07\\x7f");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "\\u009b31m");  // the control sequence introducer as one character
  EXPECT_EQ(printable("fdp\u202Egpj.wav"), "fdp\\u202egpj.wav");
  EXPECT_EQ(printable("a\u200Bb\uFEFFc\u00ADd"), "a\\u200bb\\ufeffc\\u00add");
  EXPECT_EQ(printable("a\u2028b"), "a\\u2028b");
}

TEST(Printable, ShowsBytesThatAreNoText) {
  EXPECT_EQ(printable("caf\xE9.wav"), "caf\\xe9.wav");
  EXPECT_EQ(printable("\x9B"
                      "31m\xC3"),
            "\\x9b31m\\xc3");
}

TEST(Printable, LeavesTextAlone) {
  EXPECT_EQ(printable(""), "");
  EXPECT_EQ(printable("naïve 日本 😀 می‌خواهم C:\\clips"),
            "naïve 日本 😀 می‌خواهم C:\\clips");
}

TEST(Printable, KeepsTheLinesOfLines) {
  EXPECT_EQ(printable_lines("a\x1b\nb\r\n"), "a\\x1b\nb\\r\n");
  EXPECT_EQ(printable_lines("a"), "a");
}

TEST(Printable, JsonStaysTheSameValue) {
  const nlohmann::json json = {{"k\x7f",
                                "\xC2\x9B"
                                "31m \u202E \n é"}};
  const std::string text = printable_json(json.dump());
  EXPECT_EQ(text, printable(text));
  EXPECT_EQ(nlohmann::json::parse(text), json);
}

TEST(Columns, AreThoseOfATerminal) {
  EXPECT_EQ(columns_of("abc"), 3U);
  EXPECT_EQ(columns_of("café"), 4U);
  EXPECT_EQ(columns_of("cafe\u0301"), 4U);
  EXPECT_EQ(columns_of("日本語"), 6U);
  EXPECT_EQ(columns_of("…·"), 2U);
}

TEST(Columns, CutNeverInsideACharacter) {
  EXPECT_EQ(cut_to_columns("happiness", 9), "happiness");
  EXPECT_EQ(cut_to_columns("happiness", 5), "happ…");
  EXPECT_EQ(cut_to_columns("日本語", 5), "日本…");
  EXPECT_EQ(cut_to_columns("日本語", 4), "日…");
  EXPECT_EQ(cut_to_columns("éééé", 3), "éé…");
}

TEST(Columns, PadToAWidth) {
  EXPECT_EQ(pad_right("日本", 6), "日本  ");
  EXPECT_EQ(pad_left("é", 3), "  é");
  EXPECT_EQ(pad_left("long", 2), "long");
}

TEST(Columns, WrapAtSpaces) {
  EXPECT_THAT(wrap("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(wrap("one two three", 8), ElementsAre("one two", "three"));
  EXPECT_THAT(wrap("abcdefgh i", 3), ElementsAre("abc", "def", "gh", "i"));
  EXPECT_THAT(wrap("日本語です", 4), ElementsAre("日本", "語で", "す"));
  EXPECT_THAT(wrap("", 4), ElementsAre(""));
}

TEST(Counted, AsPeopleSayIt) {
  EXPECT_EQ(counted(1, "clip"), "1 clip");
  EXPECT_EQ(counted(0, "clip"), "0 clips");
  EXPECT_EQ(counted(2, "class"), "2 classes");
  EXPECT_EQ(counted(1, "class"), "1 class");
  EXPECT_EQ(counted(3, "entry", "entries"), "3 entries");
  EXPECT_EQ(counted(1234567, "clip"), "1,234,567 clips");
  EXPECT_EQ(with_commas(-1234), "-1,234");
}

TEST(Counted, NamesSome) {
  EXPECT_EQ(name_some({}, 2), "");
  EXPECT_EQ(name_some({"a", "b"}, 2), "a, b");
  EXPECT_EQ(name_some({"a", "b", "c", "d"}, 2), "a, b and 2 more");
}

}  // namespace
}  // namespace sure
