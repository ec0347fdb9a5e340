// Readers of corpora that teach to speak, on their true layouts in miniature.
#include <gmock/gmock.h>

#include "data/datasets/readers.h"
#include "tests/support/errors.h"
#include "tests/support/miniature_corpus.h"

namespace sure::test {

using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

namespace {

class SpokenCorpora : public MiniatureCorpus {
 protected:
  void libritts_chapter(const std::string& part, const std::string& speaker, int clips) {
    for (int i = 0; i < clips; ++i) {
      const std::string stem = fmt::format("{}/{}/7/{}_7_{:06}_000000", part, speaker, speaker, i);
      clip(stem + ".wav");
      text(stem + ".normalized.txt", fmt::format("{} says number {}.", speaker, i));
      text(stem + ".original.txt", fmt::format("{} says No. {}.", speaker, i));
    }
  }

  void l2arctic_speaker(const std::string& folder, int clips) {
    for (int i = 0; i < clips; ++i) {
      clip(fmt::format("{}/wav/arctic_a{:04}.wav", folder, i));
      text(fmt::format("{}/transcript/arctic_a{:04}.txt", folder, i), fmt::format("Sentence {}.", i));
      text(fmt::format("{}/annotation/arctic_a{:04}.TextGrid", folder, i), "File type");
    }
  }
};

size_t size_of(const Dataset& data) {
  return data.train.size() + data.valid.size() + data.test.size() + data.unsplit.size();
}

TEST_F(SpokenCorpora, LibriTtsIsReadAsItIsSpoken) {
  libritts_chapter("train-clean-100", "19", 3);
  libritts_chapter("dev-clean", "84", 2);
  libritts_chapter("test-clean", "61", 1);
  const Dataset data = read("libritts", "asr");
  EXPECT_EQ(data.train.size(), 3U);
  EXPECT_EQ(data.valid.size(), 2U);
  ASSERT_EQ(data.test.size(), 1U);
  EXPECT_EQ(data.test[0].target, "61 says number 0.");
  EXPECT_EQ(data.test[0].speaker, "61");
  EXPECT_EQ(data.own_names.at("dev-clean"), Split::valid);
}

TEST_F(SpokenCorpora, HeldOutTextsAreOfVoicesThatWereTrained) {
  for (const char* speaker : {"19", "26"}) libritts_chapter("train-clean-100", speaker, 10);
  libritts_chapter("test-clean", "61", 5);
  const Dataset data = read("libritts", "tts");
  EXPECT_EQ(size_of(data), 20U);
  for (const auto* part : {&data.valid, &data.test}) {
    EXPECT_THAT(*part, UnorderedElementsAre(Field(&Example::speaker, "19"), Field(&Example::speaker, "26")));
  }
}

TEST_F(SpokenCorpora, L2ArcticHasOneTextForManyVoices) {
  l2arctic_speaker("ABA", 10);
  l2arctic_speaker("BWC/BWC", 10);  // as its archives unpack
  const Dataset data = read("l2arctic", "tts");
  EXPECT_EQ(data.train.size(), 16U);
  EXPECT_THAT(data.test, UnorderedElementsAre(Field(&Example::speaker, "ABA"), Field(&Example::speaker, "BWC")));
  EXPECT_THAT(data.train[0].target, HasSubstr("Sentence"));
}

TEST_F(SpokenCorpora, LjSpeechTakesTheTextReadAloud) {
  clip("wavs/LJ001-0001.wav");
  clip("wavs/LJ001-0002.flac");
  text("metadata.csv",
       "LJ001-0001|In 1455 it was.|In fourteen fifty-five it was.\nLJ001-0002|\"Yes\", he said.|\"Yes\", he said.\n");
  const Dataset data = read_by(&read_ljspeech, "tts");
  EXPECT_THAT(data.unsplit, UnorderedElementsAre(Field(&Example::target, "In fourteen fifty-five it was."),
                                                 Field(&Example::target, "\"Yes\", he said.")));
  EXPECT_THAT(data.unsplit, Each(Field(&Example::speaker, "LJ")));
}

TEST_F(SpokenCorpora, LjSpeechNamesWhatIsMissing) {
  clip("wavs/LJ001-0001.wav");
  text("metadata.csv", "LJ001-0001|One.|One.\nLJ001-0002|Two.|Two.\n");
  EXPECT_THAT(message_of([&] { read("ljspeech", "tts"); }), HasSubstr("LJ001-0002.wav"));
  text("metadata.csv", "LJ001-0001\n");
  EXPECT_THAT(message_of([&] { read("ljspeech", "tts"); }), HasSubstr("metadata.csv:1: 1 fields"));
}

TEST_F(SpokenCorpora, AFolderWithTextsBesideTheRecordings) {
  for (const char* name : {"train/ann/1", "train/bob/1", "valid/ann/2", "test/3"}) {
    clip(std::string(name) + ".wav");
    text(std::string(name) + ".txt", std::string("This is ") + name + ".\n");
  }
  const Dataset data = read("folder", "tts");
  EXPECT_THAT(data.train, UnorderedElementsAre(Field(&Example::speaker, "ann"), Field(&Example::speaker, "bob")));
  ASSERT_EQ(data.test.size(), 1U);
  EXPECT_EQ(data.test[0].target, "This is test/3.");
  EXPECT_EQ(data.test[0].speaker, "");
  clip("train/ann/4.wav");
  EXPECT_THAT(message_of([&] { read("folder", "tts"); }), HasSubstr("recordings have no transcript"));
}

TEST_F(SpokenCorpora, TextsWithoutWordsAreLeftOut) {
  for (int i = 0; i < 3; ++i) {
    clip(fmt::format("train/{}.wav", i));
    text(fmt::format("train/{}.txt", i), i == 0 ? "... !" : "Yes.");
  }
  Dataset data = read("folder", "tts");
  find_task("tts").prepare(data, {});
  EXPECT_EQ(size_of(data), 2U);
  EXPECT_THAT(data.notes, testing::Contains(HasSubstr("empty transcript")));
}

}  // namespace
}  // namespace sure::test
