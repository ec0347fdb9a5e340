#include "tasks/predictions_file.h"

#include <gmock/gmock.h>

#include "core/atomic_file.h"
#include "tasks/rows.h"
#include "tests/support/datasets.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"

namespace sure {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Prediction labelled(const std::string& text, double score, const std::vector<double>& probabilities) {
  Prediction prediction;
  prediction.text = text;
  prediction.score = score;
  prediction.probabilities = probabilities;
  return prediction;
}

Prediction heard(const std::string& text) { return labelled(text, -1.5, {}); }

class PredictionsFile : public testing::Test {
 protected:
  std::vector<std::string> lines(const std::string& name, const Objective& objective,
                                 const std::vector<Example>& examples, const std::vector<Prediction>& predictions) {
    write_predictions(folder_ / name, objective, examples, predictions);
    std::vector<std::string> all;
    std::istringstream text(read_file(folder_ / name));
    for (std::string line; std::getline(text, line);) all.push_back(line);
    return all;
  }

  test::TemporaryFolder folder_;
};

TEST_F(PredictionsFile, CsvHasAColumnForEachLabel) {
  const auto objective = make_classification_objective({"no", "yes, \"sir\""});
  const std::vector<Example> examples = {{"a,b.wav", "no", "ann"}, {"c.wav", "no", ""}};
  EXPECT_THAT(
      lines("p.csv", *objective, examples,
            {labelled("no", 0.75, {0.75, 0.25}), labelled("yes, \"sir\"", 0.9, {0.1, 0.9})}),
      ElementsAre("path,speaker,true,predicted,correct,score,prob_no,\"prob_yes, \"\"sir\"\"\"",
                  "\"a,b.wav\",ann,no,no,true,0.75,0.75,0.25", "c.wav,,no,\"yes, \"\"sir\"\"\",false,0.9,0.1,0.9"));
}

TEST_F(PredictionsFile, NothingForgesALine) {
  const auto objective = make_classification_objective({"a\nb\x1b[31m"});
  const std::vector<Example> examples = {{"x\ny\xff.wav", "a\nb\x1b[31m", "s\t"}};
  EXPECT_THAT(lines("p.csv", *objective, examples, {labelled("a\nb\x1b[31m", 1, {1})}),
              ElementsAre("path,speaker,true,predicted,correct,score,prob_a\\nb\\x1b[31m",
                          "x\\ny\\xff.wav,s\\t,a\\nb\\x1b[31m,a\\nb\\x1b[31m,true,1.0,1.0"));
  EXPECT_EQ(lines("p.jsonl", *objective, examples, {labelled("a", 1, {1})}).size(), 1U);
}

TEST_F(PredictionsFile, JsonLinesHoldProbabilitiesByLabel) {
  const auto objective = make_classification_objective({"no", "yes"});
  const auto json = nlohmann::json::parse(
      lines("p.jsonl", *objective, {{"a.wav", "no", "ann"}}, {labelled("yes", 0.75, {0.25, 0.75})}).at(0));
  const nlohmann::json expected = {{"path", "a.wav"},
                                   {"speaker", "ann"},
                                   {"true", "no"},
                                   {"predicted", "yes"},
                                   {"correct", false},
                                   {"score", 0.75},
                                   {"probabilities", {{"no", 0.25}, {"yes", 0.75}}}};
  EXPECT_EQ(json, expected);
}

TEST_F(PredictionsFile, IntentsAreThreeAnswers) {
  const auto objective = make_intent_objective({"action:off", "action:on", "object:heat", "location:none"});
  EXPECT_THAT(
      lines("p.csv", *objective, test::examples_with({"on|heat|none"}),
            {labelled("off|heat|none", 0.5, {0.5, 0.5, 1, 1})}),
      ElementsAre("path,speaker,true,predicted,correct,score,true_action,predicted_action,true_object,"
                  "predicted_object,true_location,predicted_location,prob_action:off,prob_action:on,"
                  "prob_object:heat,prob_location:none",
                  "clip0.wav,,on|heat|none,off|heat|none,false,0.5,on,off,heat,heat,none,none,0.5,0.5,1.0,1.0"));
}

TEST_F(PredictionsFile, TranscriptsTellTheirEdits) {
  const auto objective = make_transcript_objective({"<pad>", "|", "a", "b", "c"});
  EXPECT_THAT(lines("p.csv", *objective, test::examples_with({"a b c", "b"}), {heard("a x c d"), heard("")}),
              ElementsAre("path,speaker,reference,hypothesis,score,words,substitutions,deletions,insertions,wer,"
                          "characters,cer",
                          "clip0.wav,,a b c,a x c d,-1.5,3,1,0,1,0.6666666666666666,5,0.6",
                          "clip1.wav,,b,,-1.5,1,0,1,0,1.0,1,1.0"));
}

TEST_F(PredictionsFile, PhonemesAndSlotsToo) {
  const auto phonemes = make_phoneme_objective({"<pad>", "AH", "B"});
  EXPECT_THAT(lines("p.csv", *phonemes, test::examples_with({"AH B"}), {heard("AH")}),
              ElementsAre("path,speaker,reference,hypothesis,score,phonemes,substitutions,deletions,insertions,per",
                          "clip0.wav,,AH B,AH,-1.5,2,0,1,0,0.5"));
  const auto slots = make_slot_objective({"<pad>", "|", "a", "B-x", "E-x"});
  EXPECT_THAT(lines("p.csv", *slots, test::examples_with({"B-x a E-x a"}), {heard("a")}).at(1),
              "clip0.wav,,B-x a E-x a,a,-1.5,2,0,1,0,0.5,3,0.6666666666666666");
}

TEST_F(PredictionsFile, VoicesAreComparedInPairs) {
  std::vector<Prediction> predictions(3);
  predictions[0].embedding = {1, 0};
  predictions[1].embedding = {1, 0};
  predictions[2].embedding = {0, 1};
  const std::vector<std::string> found =
      lines("p.csv", *make_verification_objective({}), {{"a", "ann", "ann"}, {"b", "ann", "ann"}, {"c", "bob", "bob"}},
            predictions);
  EXPECT_THAT(found, ElementsAre("path_1,speaker_1,path_2,speaker_2,true,predicted,correct,score",
                                 "a,ann,b,ann,same,same,true,1.0", "a,ann,c,bob,different,different,true,0.0",
                                 "b,ann,c,bob,different,different,true,0.0"));
}

TEST_F(PredictionsFile, RefusesWhatItCannotWriteBeforeTheWork) {
  EXPECT_THAT(test::message_of([&] { check_predictions_file(folder_ / "p.xlsx"); }),
              HasSubstr("p.xlsx: expected a name that ends in .csv or .jsonl"));
  EXPECT_THAT(test::message_of([&] { check_predictions_file(folder_ / "no/p.csv"); }), HasSubstr("no such folder"));
  check_predictions_file("p.jsonl");
}

}  // namespace
}  // namespace sure
