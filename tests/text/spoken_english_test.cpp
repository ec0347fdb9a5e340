#include "text/spoken_english.h"

#include <gmock/gmock.h>

#include "text/number_words.h"

namespace sure {
namespace {

using testing::ElementsAre;

struct Case {
  const char* written;
  const char* spoken;
};

class SpokenEnglish : public ::testing::TestWithParam<Case> {};

TEST_P(SpokenEnglish, IsReadAloud) { EXPECT_EQ(spoken_english(GetParam().written), GetParam().spoken); }

constexpr Case kNumbers[] = {
    {"0", "zero"},
    {"13", "thirteen"},
    {"40", "forty"},
    {"101", "one hundred one"},
    {"999", "nine hundred ninety nine"},
    {"1,000", "one thousand"},
    {"12345", "twelve thousand three hundred forty five"},
    {"1,234,567", "one million two hundred thirty four thousand five hundred sixty seven"},
    {"3000000000", "three billion"},
    {"007", "zero zero seven"},
    {"12345678901234567890",
     "one two three four five six seven eight nine zero one two three four five six seven eight "
     "nine zero"},
    {"3.14", "three point one four"},
    {"0.05", "zero point zero five"},
    {".5", "zero point five"},
    {"1,234.5", "one thousand two hundred thirty four point five"},
    {"-7", "minus seven"},
    {"−7", "minus seven"},
    {"1/2", "one half"},
    {"3/4", "three fourths"},
    {"2/3", "two thirds"},
    {"10-20", "ten to twenty"},
    {"5–10", "five to ten"},
    {"50%", "fifty percent"},
    {"#5", "number five"},
    {"No. 5", "number five"},
    {"No.", "No."},
};
constexpr Case kOrdinals[] = {
    {"1st", "first"},      {"2nd", "second"},        {"3rd", "third"},           {"12th", "twelfth"},
    {"20th", "twentieth"}, {"21st", "twenty first"}, {"100th", "one hundredth"}, {"1,000th", "one thousandth"},
};
constexpr Case kMoney[] = {
    {"$1", "one dollar"},
    {"$5", "five dollars"},
    {"$3.50", "three dollars fifty cents"},
    {"$1.01", "one dollar one cent"},
    {"$0.99", "ninety nine cents"},
    {"$1,234.00", "one thousand two hundred thirty four dollars"},
    {"£2", "two pounds"},
    {"£1.20", "one pound twenty pence"},
    {"20€", "twenty euros"},
    {"50¢", "fifty cents"},
    {"¥100", "one hundred yen"},
    {"$3 million.", "three million dollars."},
    {"$2.5 billion", "two point five billion dollars"},
};
constexpr Case kTimes[] = {
    {"1984", "nineteen eighty four"},
    {"1900", "nineteen hundred"},
    {"1905", "nineteen oh five"},
    {"2000", "two thousand"},
    {"2005", "two thousand five"},
    {"2024", "two thousand twenty four"},
    {"1990s", "nineteen nineties"},
    {"'80s", "eighties"},
    {"May 2, 1998", "May second, nineteen ninety eight"},
    {"Jan. 21st", "January twenty first"},
    {"4 July", "fourth July"},
    {"2024-03-05", "March fifth, two thousand twenty four"},
    {"3/5/2024", "March fifth, two thousand twenty four"},
    {"3:45", "three forty five"},
    {"3:05 p.m.", "three oh five p m."},
    {"7:00", "seven o'clock"},
    {"7:30am", "seven thirty a m"},
    {"25:00", "twenty five zero zero"},
};
constexpr Case kWords[] = {
    {"Dr. Lee met Mr. and Mrs. Smith.", "doctor Lee met mister and missus Smith."},
    {"St. John lives on Main St.", "Saint John lives on Main Street."},
    {"the U.S. army", "the U S army"},
    {"cats, dogs, etc.", "cats, dogs, et cetera."},
    {"e.g. this", "for example this"},
    {"salt & pepper", "salt and pepper"},
    {"5km", "five kilometers"},
    {"1km", "one kilometer"},
    {"60mph", "sixty miles per hour"},
    {"20°C", "twenty degrees celsius"},
    {"16kHz", "sixteen kilohertz"},
    {"6ft", "six feet"},
    {"“Well,” she said — ‘no’…", "\"Well,\" she said, 'no'..."},
    {"  two \n spaces\t", "two spaces"},
    {"B2B", "B two B"},
    {"(1998)", "(nineteen ninety eight)"},
    {"I may march in may", "I may march in may"},
    {"", ""},
    {"...", "..."},
    {"naïve café", "naïve café"},
};
INSTANTIATE_TEST_SUITE_P(Numbers, SpokenEnglish, testing::ValuesIn(kNumbers));
INSTANTIATE_TEST_SUITE_P(Ordinals, SpokenEnglish, testing::ValuesIn(kOrdinals));
INSTANTIATE_TEST_SUITE_P(Money, SpokenEnglish, testing::ValuesIn(kMoney));
INSTANTIATE_TEST_SUITE_P(Times, SpokenEnglish, testing::ValuesIn(kTimes));
INSTANTIATE_TEST_SUITE_P(Words, SpokenEnglish, testing::ValuesIn(kWords));

TEST(SpokenEnglishText, LeavesNoDigits) {
  for (int i = 0; i < 3000; ++i) {
    for (const char* form : {"{}", "${}", "{}th", "{}.{}", "{}-{}", "{}:{}", "x{}y", "#{}!", "{}/{}"}) {
      const std::string spoken = spoken_english(fmt::format(fmt::runtime(form), i, i));
      EXPECT_EQ(spoken.find_first_of("0123456789"), std::string::npos) << spoken;
    }
  }
}

TEST(SpokenEnglishText, AWholeSentence) {
  EXPECT_EQ(spoken_english("Dr. Lee paid $3.50 on May 2nd, 1998."),
            "doctor Lee paid three dollars fifty cents on May second, nineteen ninety eight.");
}

TEST(Sentences, AreCutBehindTheirEnds) {
  EXPECT_THAT(sentences_of("Hello there. Is it you? Yes!", 100), ElementsAre("Hello there.", "Is it you?", "Yes!"));
  EXPECT_THAT(sentences_of("one\ntwo", 100), ElementsAre("one", "two"));
  EXPECT_THAT(sentences_of(" \n ", 100), ElementsAre());
}

TEST(Sentences, LongOnesAreCutAtCommasOrSpaces) {
  EXPECT_THAT(sentences_of("one two, three four five", 12), ElementsAre("one two,", "three four", "five"));
  EXPECT_THAT(sentences_of("aaaaaaaaaa", 4), ElementsAre("aaaa", "aaaa", "aa"));
  for (const std::string& part : sentences_of("éééééééé", 5)) EXPECT_LE(part.size(), 5U);
}

}  // namespace
}  // namespace sure
