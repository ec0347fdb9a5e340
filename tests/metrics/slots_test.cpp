#include "metrics/slots.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/support/errors.h"
#include "tests/support/files.h"
#include "tests/support/golden.h"

namespace sure {
namespace {

using ::testing::HasSubstr;
using Sentences = std::vector<std::string>;

/// `golden` is null where s3prl divides by 0.
void expect_metric(double (*metric)(const Sentences&, const Sentences&), const Sentences& references,
                   const Sentences& hypotheses, const nlohmann::json& golden) {
  if (golden.is_null()) {
    EXPECT_THROW(metric(references, hypotheses), Error);
  } else {
    EXPECT_NEAR(metric(references, hypotheses), golden, 1e-12);
  }
}

void expect_metrics(const Sentences& references, const Sentences& hypotheses, const nlohmann::json& golden) {
  expect_metric(slot_type_f1, references, hypotheses, golden.at("type_f1"));
  expect_metric(slot_value_cer, references, hypotheses, golden.at("value_cer"));
  expect_metric(slot_value_wer, references, hypotheses, golden.at("value_wer"));
  expect_metric(slot_edit_f1_full, references, hypotheses, golden.at("edit_f1_full"));
  expect_metric(slot_edit_f1_part, references, hypotheses, golden.at("edit_f1_part"));
}

TEST(SlotMetrics, EqualS3prl) {
  const nlohmann::json file = test::read_golden("metrics/golden/slots.json");
  for (const auto& golden : file.at("cases")) {
    SCOPED_TRACE(golden.at("name").get<std::string>());
    expect_metrics(golden.at("references").get<Sentences>(), golden.at("hypotheses").get<Sentences>(), golden);
  }
}

TEST(SlotMetrics, TakeValuesWithTheSignsS3prlStopsAt) {
  const Sentences at_noon = {"at B-time 12:00; sharp E-time"};
  EXPECT_EQ(slot_value_cer(at_noon, at_noon), 0);
  EXPECT_EQ(slot_edit_f1_full(at_noon, at_noon), 1);
}

TEST(SlotMetrics, RefuseWhatHasNoValue) {
  EXPECT_THAT(test::message_of([] { slot_type_f1({}, {}); }), HasSubstr("no sentences"));
  EXPECT_THAT(test::message_of([] { slot_type_f1({"a"}, {}); }), HasSubstr("1 references but 0 hypotheses"));
  EXPECT_THAT(test::message_of([] { slot_value_cer({"a"}, {"a"}); }), HasSubstr("none of 1 references has a slot"));
}

TEST(SlotMetrics, ReadLongHypothesesWithoutMuchStack) {
  const std::string noise(200'000, 'a');
  EXPECT_EQ(slot_type_f1({"B-city york E-city"}, {"B-city " + noise + " E-city"}), 1);
}

/// Words with tags O, B-type and I-type as text with marks: "play B-artist kent james E-artist".
std::string marked(const std::string& words, const std::string& tags) {
  std::istringstream word_stream(words), tag_stream(tags);
  std::string text, word, tag, open;
  const auto append = [&](const std::string& token) { text += (text.empty() ? "" : " ") + token; };
  while (word_stream >> word && tag_stream >> tag) {
    if (!open.empty() && tag != "I-" + open) {
      append("E-" + open);
      open.clear();
    }
    if (tag.starts_with("B-")) {
      open = tag.substr(2);
      append(tag);
    }
    append(word);
  }
  if (!open.empty()) append("E-" + open);
  return text;
}

TEST(SlotMetrics, EqualS3prlOnSnips) {
  const auto folder = test::shared_data() / "meta/snips_slotgated/data/snips/test";
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no " << folder;
  std::ifstream words(folder / "seq.in"), tags(folder / "seq.out");
  Sentences references;
  for (std::string w, t; std::getline(words, w) && std::getline(tags, t);) {
    if (const std::string sentence = marked(w, t); sentence.find_first_of(":;") == sentence.npos) {
      references.push_back(sentence);
    }
  }
  const nlohmann::json golden = test::read_golden("metrics/golden/slots.json").at("snips");
  ASSERT_EQ(references.size(), golden.at("sentences"));

  Sentences next = references;
  std::rotate(next.begin(), next.begin() + 1, next.end());
  expect_metrics(references, next, golden);
}

}  // namespace
}  // namespace sure
