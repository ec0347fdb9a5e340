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
  std::optional<Size> size;
};

template <class Visitor>
void visit_options(SomeOptions& o, Visitor&& visit) {
  visit("fast", o.fast, "");
  visit("steps", o.steps, "");
  visit("rate", o.rate, "");
  visit("name", o.name, "");
  visit("words", o.words, "");
  visit("size", o.size, "");
}

TEST(Options, ComeBackFromJson) {
  const SomeOptions set{true, 7, 0.1, "b", {"no", "stop"}, Size::large};
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
              testing::HasSubstr("config.json: option 'size' huge: use one of small, large, big"));
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

}  // namespace
}  // namespace sure
