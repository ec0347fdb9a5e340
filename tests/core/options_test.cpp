#include "core/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "tests/support/errors.h"

namespace sure {
namespace {

enum class Size { small, large };

const std::vector<NamedValue<Size>>& choices_of(Size /*size*/) {
  static const std::vector<NamedValue<Size>> kNames = {
      {Size::small, "small"}, {Size::large, "large"}, {Size::large, "big"}};
  return kNames;
}

struct SomeOptions {
  bool fast = false;
  int64_t steps = 3;
  double rate = 1e-3;
  std::string name = "a";
  std::vector<std::string> words = {"yes"};
  std::vector<int64_t> widths = {3, 5};
  std::optional<Size> size = {};
  Size least = Size::small;
  std::optional<double> dropout = {};
};

template <class Visitor>
void visit_options(SomeOptions& o, Visitor&& visit) {
  visit("fast", o.fast, "");
  visit("steps", o.steps, Declaration("").range(1, 9).free_on_resume());
  visit("rate", o.rate, "");
  visit("name", o.name, "");
  visit("words", o.words, "");
  visit("widths", o.widths, "");
  visit("size", o.size, "");
  visit("least", o.least, "");
  visit("dropout", o.dropout, Declaration("").range(0, 1).otherwise("the model's", "-1"));
}

TEST(Options, ComeBackFromJson) {
  const SomeOptions set{true, 7, 0.1, "b", {"no", "stop"}, {7}, Size::large, Size::large, 0.5};
  SomeOptions read;
  options_from_json(read, nlohmann::json::parse(options_to_json(set).dump()), "config.json");
  EXPECT_EQ(options_to_json(read), options_to_json(set));
  EXPECT_EQ(read.rate, 0.1);
  EXPECT_EQ(read.words, set.words);
  EXPECT_EQ(read.size, Size::large);
}

TEST(Options, AbsentKeysKeepTheirDefaults) {
  SomeOptions read;
  options_from_json(read, {{"steps", 9}}, "config.json");
  EXPECT_EQ(read.steps, 9);
  EXPECT_EQ(read.name, "a");
}

TEST(Options, ChoicesAreTheirNames) {
  EXPECT_EQ(options_to_json(SomeOptions{}).at("size"), "");
  EXPECT_EQ(options_to_json(SomeOptions{.size = Size::large}).at("size"), "large");
  SomeOptions read;
  options_from_json(read, {{"size", "big"}}, "config.json");
  EXPECT_EQ(read.size, Size::large);
  options_from_json(read, {{"size", ""}}, "config.json");
  EXPECT_EQ(read.size, std::nullopt);
  EXPECT_THAT(test::message_of([&] { options_from_json(read, {{"size", "huge"}}, "config.json"); }),
              testing::HasSubstr("config.json: option 'size' 'huge': use one of small, large, big"));
}

TEST(Options, UnknownKeyIsNamedWithItsFile) {
  SomeOptions read;
  EXPECT_THAT(test::message_of([&] { options_from_json(read, {{"setps", 9}}, "config.json"); }),
              testing::AllOf(testing::HasSubstr("config.json"), testing::HasSubstr("setps")));
}

TEST(Options, WrongTypeNamesKeyAndValue) {
  SomeOptions read;
  EXPECT_THAT(test::message_of([&] { options_from_json(read, {{"steps", "many"}}, "config.json"); }),
              testing::AllOf(testing::HasSubstr("steps"), testing::HasSubstr("many")));
}

TEST(Options, OtherThanAnObjectIsRefused) {
  SomeOptions read;
  EXPECT_THAT(test::message_of([&] { options_from_json(read, nlohmann::json::array(), "config.json"); }),
              testing::HasSubstr("found array"));
}

/// What taking `text` for an option leaves of it.
nlohmann::ordered_json taken(const std::string& name, const std::string& text) {
  SomeOptions read;
  std::map<std::string, std::string> values = {{name, text}};
  take_options(values, read);
  EXPECT_TRUE(values.empty());
  return options_to_json(read).at(name);
}

std::string refusal(const std::string& name, const std::string& text) {
  return test::message_of([&] { taken(name, text); });
}

TEST(Options, AreReadFromTextByTheirTypes) {
  EXPECT_EQ(taken("fast", "on"), true);
  EXPECT_EQ(taken("steps", "8"), 8);
  EXPECT_EQ(taken("widths", "1,2"), nlohmann::json({"1", "2"}));
  EXPECT_EQ(taken("size", "big"), "large");
  EXPECT_EQ(taken("size", ""), "") << "the choice is left open";
  EXPECT_EQ(taken("dropout", "0.5"), 0.5);
  EXPECT_EQ(taken("dropout", "-1.0"), -1) << "none is written as in files of versions that had no optional values";
}

TEST(Options, TextThatIsNoValueIsAUsageErrorThatSaysWhatIs) {
  EXPECT_THAT(refusal("fast", "maybe"), testing::HasSubstr("--fast 'maybe': expected True or False"));
  EXPECT_THAT(refusal("steps", "10"), testing::HasSubstr("--steps 10: expected 1 to 9"));
  EXPECT_THAT(refusal("widths", "1,,2"), testing::HasSubstr("--widths '1,,2': expected whole numbers"));
  EXPECT_THAT(refusal("least", "huge"), testing::HasSubstr("--least 'huge': use one of small, large, big"));
  EXPECT_THAT(refusal("least", ""), testing::HasSubstr("--least '': use one of small, large, big"));
  EXPECT_THAT(refusal("dropout", "1.5"), testing::HasSubstr("--dropout 1.5: expected 0 to 1"));
}

TEST(Options, WordsOfAFileAreBooleansWhereABooleanIsWanted) {
  SomeOptions read;
  options_from_json(read, {{"fast", "yes"}, {"name", "no"}, {"dropout", nullptr}}, "flags.yaml");
  EXPECT_TRUE(read.fast);
  EXPECT_EQ(read.name, "no");
  EXPECT_THAT(test::message_of([&] { options_from_json(read, {{"steps", 1.5}}, "flags.yaml"); }),
              testing::HasSubstr("expected a whole number"));
}

TEST(Options, ThoseThatAResumedRunMayChangeAreListed) {
  EXPECT_THAT(ignored_on_resume(SomeOptions()), testing::ElementsAre("steps"));
}

}  // namespace
}  // namespace sure
