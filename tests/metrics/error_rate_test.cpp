#include "metrics/error_rate.h"

#include <gmock/gmock.h>

#include "tests/support/errors.h"
#include "tests/support/golden.h"

namespace sure {
namespace {

using ::testing::HasSubstr;

void expect_equal(const EditCounts& counts, const nlohmann::json& golden) {
  EXPECT_EQ(counts.errors(), golden["errors"]);
  EXPECT_EQ(counts.insertions, golden["insertions"]);
  EXPECT_EQ(counts.reference_length, golden["reference_length"]);
  EXPECT_DOUBLE_EQ(error_rate(counts), golden["rate"]);
}

TEST(ErrorRates, EqualJiwer) {
  const nlohmann::json file = test::read_golden("metrics/golden/error_rates.json");
  for (const auto& golden : file.at("cases")) {
    SCOPED_TRACE(golden.at("name").get<std::string>());
    const auto references = golden.at("references").get<std::vector<std::string>>();
    const auto hypotheses = golden.at("hypotheses").get<std::vector<std::string>>();
    expect_equal(word_edits(references, hypotheses), golden.at("words"));
    expect_equal(character_edits(references, hypotheses), golden.at("characters"));
    EXPECT_DOUBLE_EQ(word_error_rate(references, hypotheses), golden["words"]["rate"]);
    EXPECT_DOUBLE_EQ(character_error_rate(references, hypotheses), golden["characters"]["rate"]);
  }
}

TEST(EditCounts, TellTheKindsOfErrorApart) {
  const EditCounts counts = edit_counts({"play", "the", "blue", "song"}, {"now", "play", "a", "blue"});
  EXPECT_EQ(counts.insertions, 1);
  EXPECT_EQ(counts.substitutions, 1);
  EXPECT_EQ(counts.deletions, 1);
  EXPECT_EQ(counts.reference_length, 4);
}

TEST(EditCounts, PreferSubstitutionsWhereErrorsAreAsMany) {
  const EditCounts counts = edit_counts({"a", "b"}, {"b", "c"});  // or: delete a, insert c
  EXPECT_EQ(counts.substitutions, 2);
  EXPECT_EQ(counts.deletions, 0);
  EXPECT_EQ(counts.insertions, 0);
}

TEST(EditCounts, OfReferenceAndHypothesisSwapInsertionsAndDeletions) {
  const std::vector<std::string> shorter = {"a", "c"};
  const std::vector<std::string> longer = {"a", "b", "c", "d"};
  EXPECT_EQ(edit_counts(shorter, longer).insertions, 2);
  EXPECT_EQ(edit_counts(longer, shorter).deletions, 2);
}

TEST(ErrorRates, WeighClipsByTheLengthOfTheirReferences) {
  EXPECT_DOUBLE_EQ(word_error_rate({"a b c", "d"}, {"a b c", "x"}), 0.25);  // the mean of clips would be 0.5
}

TEST(ErrorRates, RefuseUnpairedTranscripts) {
  EXPECT_THAT(test::message_of([] { word_error_rate({"a", "b"}, {"a"}); }), HasSubstr("2 references but 1 hypotheses"));
}

TEST(ErrorRates, RefuseCharactersOfBrokenText) { EXPECT_THROW(character_error_rate({"a\xff"}, {"a"}), Error); }

}  // namespace
}  // namespace sure
