// How transcripts become targets: asr, slot, phoneme.
#include <gmock/gmock.h>

#include "core/atomic_file.h"
#include "tasks/rows.h"
#include "tests/support/datasets.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"

namespace sure {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Transcripts, AreNormalisedAndEmptyOnesLeftOut) {
  Dataset data = test::dataset_with({"Hello, World!", "...", "Ça va?"}, {"YES"});
  prepare_transcripts(data, {});
  ASSERT_EQ(data.train.size(), 2U);
  EXPECT_EQ(data.train[0].target, "hello world");
  EXPECT_EQ(data.train[1].target, "ça va");
  EXPECT_EQ(data.test.at(0).target, "yes");
  EXPECT_THAT(data.notes, Contains(HasSubstr("1 clips have an empty transcript")));
}

TEST(Transcripts, NameTheClipWithBrokenText) {
  Dataset data = test::dataset_with({"fine", "caf\xE9"});
  EXPECT_THAT(test::message_of([&] { prepare_transcripts(data, {}); }), HasSubstr("clip1.wav: "));
}

TEST(Transcripts, VocabularyComesFromTrainingOrAFile) {
  const Dataset data = test::dataset_with({"ab a", "c"}, {"xyz"});
  EXPECT_THAT(character_labels(data, {}), ElementsAre("<pad>", "<unk>", "|", "a", "b", "c"));
  const test::TemporaryFolder folder;
  write_file(folder / "vocab.json", R"({"a": 1, "<pad>": 0, "|": 2})");
  TargetOptions options;
  options.vocab = (folder / "vocab.json").string();
  EXPECT_THAT(character_labels(data, options), ElementsAre("<pad>", "a", "|"));
}

TEST(Transcripts, AreInTheCaseOfTheVocabulary) {
  Dataset data = test::dataset_with({"Élan, no"});
  const test::TemporaryFolder folder;
  TargetOptions options;
  options.vocab = (folder / "vocab.json").string();
  write_file(folder / "vocab.json", R"({"<pad>": 0, "|": 1, "E": 2, "É": 3})");
  EXPECT_THAT(test::message_of([&] { character_labels(data, options); }),
              AllOf(HasSubstr("vocab.json"), HasSubstr("--letter_case upper")));
  options.text.letter_case = "upper";
  prepare_transcripts(data, options);
  EXPECT_EQ(data.train[0].target, "ÉLAN NO");
  EXPECT_THAT(character_labels(data, options), ElementsAre("<pad>", "|", "E", "É"));
  write_file(folder / "vocab.json", R"({"<pad>": 0, "|": 1, "B-NAME": 2, "e": 3})");
  EXPECT_THAT(test::message_of([&] { character_labels(data, options); }), HasSubstr("--letter_case lower"));
  write_file(folder / "vocab.json", R"({"<pad>": 0, "|": 1, "東": 2})");
  EXPECT_EQ(character_labels(data, options).size(), 3U) << "a script without case fits either";
}

TEST(Slots, KeepTheirMarks) {
  Dataset data = test::dataset_with({"Play B-artist Kent James E-artist"});
  prepare_slots(data, {});
  EXPECT_EQ(data.train.at(0).target, "play B-artist kent james E-artist");
  const Labels labels = slot_labels(data, {});
  EXPECT_THAT(labels, Contains("B-artist"));
  EXPECT_THAT(labels, Contains("E-artist"));

  const auto objective = make_slot_objective(labels);
  std::vector<Prediction> predictions(1);
  predictions[0].text = "play B-artist kent james E-artist";
  Metrics metrics = objective->metrics(predictions, {data.train[0].target}, {0});
  EXPECT_DOUBLE_EQ(metrics.at("slot_type_f1"), 1);
  EXPECT_DOUBLE_EQ(metrics.at("slot_value_cer"), 0);
  predictions[0].text = "play kent james";
  metrics = objective->metrics(predictions, {data.train[0].target}, {0});
  EXPECT_DOUBLE_EQ(metrics.at("slot_type_f1"), 0);
  EXPECT_DOUBLE_EQ(metrics.at("wer"), 0) << "marks are no words";
}

TEST(Slots, NeedAVocabularyWithTheirMarks) {
  const Dataset data = test::dataset_with({"B-a x E-a"});
  const test::TemporaryFolder folder;
  TargetOptions options;
  options.vocab = (folder / "vocab.json").string();
  write_file(options.vocab, R"({"<pad>": 0, "|": 1, "x": 2, "B-a": 3})");
  EXPECT_THAT(test::message_of([&] { slot_labels(data, options); }), HasSubstr("vocab.json: no token 'E-a'"));
  write_file(options.vocab, R"({"<pad>": 0, "|": 1, "x": 2, "B-a": 3, "E-a": 4})");
  EXPECT_EQ(slot_labels(data, options).size(), 5U);
}

class Phonemes : public testing::Test {
 protected:
  Phonemes() {
    write_file(folder / "words.dict", "hello  HH AH0 L OW1\nworld  W ER1 L D\n");
    options.lexicon = (folder / "words.dict").string();
    options.unknown_words = "rules";
  }

  test::TemporaryFolder folder;
  TargetOptions options;
};

TEST_F(Phonemes, ComeFromTheLexicon) {
  Dataset data = test::dataset_with({"Hello, world"}, {"hello bat"});
  prepare_phonemes(data, options);
  EXPECT_EQ(data.train.at(0).target, "HH AH0 L OW1 W ER1 L D");
  EXPECT_THAT(data.test.at(0).target, testing::StartsWith("HH AH0 L OW1 B "));
  EXPECT_THAT(data.notes, Contains(HasSubstr("1 words are not in the lexicon: 0 pronounced by espeak-ng, 1 by rules")));
  const Labels labels = phoneme_labels(data, options);
  EXPECT_THAT(labels, Contains("AH0"));
  EXPECT_THAT(labels, Contains("ZH"));
}

TEST_F(Phonemes, NeedALexiconUnlessTheyAreThereAlready) {
  Dataset data = test::dataset_with({"hello"});
  EXPECT_THAT(test::message_of([&] { prepare_phonemes(data, {}); }), HasSubstr("--lexicon is needed"));
  data = test::dataset_with({"HH AH0 L OW1"});
  data.targets_are_phonemes = true;
  prepare_phonemes(data, {});
  EXPECT_EQ(data.train.at(0).target, "HH AH0 L OW1");
  data.train[0].target = "HH AXX";
  EXPECT_THAT(test::message_of([&] { prepare_phonemes(data, {}); }), HasSubstr("clip0.wav: 'HH AXX' is not"));
}

TEST_F(Phonemes, AreParted) {
  Dataset data = test::dataset_with({"HH\tAH0  L"});
  data.targets_are_phonemes = true;
  prepare_phonemes(data, {});
  EXPECT_EQ(data.train.at(0).target, "HH AH0 L") << "by one space, at which the error rate parts them";
}

TEST_F(Phonemes, AllHaveStressOrNone) {
  Dataset data = test::dataset_with({"HH AH0", "L", "HH AH"});
  data.targets_are_phonemes = true;
  EXPECT_THAT(test::message_of([&] { prepare_phonemes(data, {}); }), HasSubstr("clip2.wav: 'HH AH' is not"));
  data = test::dataset_with({"HH AH", "L"});
  data.targets_are_phonemes = true;
  prepare_phonemes(data, {});
  EXPECT_THAT(phoneme_labels(data, {}), Contains("AH"));
}

TEST_F(Phonemes, ErrorRateCountsSymbols) {
  const auto objective = make_phoneme_objective(phoneme_labels(test::dataset_with({"AH0"}), {}));
  std::vector<Prediction> predictions(1);
  predictions[0].text = "HH AH0 L OW1";
  EXPECT_DOUBLE_EQ(objective->metrics(predictions, {"HH AH0 L D"}, {0}).at("per"), 0.25);
}

}  // namespace
}  // namespace sure
