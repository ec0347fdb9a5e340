#include <gmock/gmock.h>

#include "data/datasets/readers.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/miniature_corpus.h"

namespace sure::test {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

const std::string kHeader =
    "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,Season,Episode,StartTime,EndTime\n";

class Meld : public MiniatureCorpus {
 protected:
  void SetUp() override {
    text("train_sent_emo.csv",
         kHeader +
             "1,\"Well, there you are.\",Anna,joy,positive,0,0,8,21,\"00:16:16,059\",\"00:16:21,731\"\r\n"
             "2,\"\"\"Wanted: a cat.\"\" That’s it!\",Mr. "
             "Brown,surprise,negative,0,1,8,21,\"0:16:22,0\",\"0:16:23,4\"\r\n"
             "5,Gone.,Anna,sadness,negative,12,3,8,21,\"0:16:24,0\",\"0:16:25,4\"\r\n");
    text("dev_sent_emo.csv", kHeader + "1,What?,Anna,neutral,neutral,110,6,4,7,\"00:20:57,2\",\"00:21:00,0\"\n" +
                                 "2,No!,Bert,anger,negative,110,7,4,7,\"00:21:57,2\",\"00:22:00,0\"\n");
    text("test_sent_emo.csv", kHeader + "1,Hi.,Bert,disgust,negative,0,0,4,7,\"00:20:57,2\",\"00:21:00,0\"\n");
    for (const char* name : {"train/dia0_utt0", "train/dia0_utt1", "train/dia12_utt3", "dev/dia110_utt6",
                             "test/dia0_utt0", "test/final_videos_testdia0_utt9"}) {
      clip(std::string(name) + ".wav");
    }
  }

  Dataset read(const std::string& task = "emotion") const { return read_by(read_meld, task); }

  std::string error() const {
    return message_of([&] { read(); });
  }
};

}  // namespace

TEST_F(Meld, Emotions) {
  const Dataset data = read();
  EXPECT_THAT(data.labels, ElementsAre("neutral", "joy", "sadness", "anger", "surprise", "fear", "disgust"));
  EXPECT_THAT(targets_of(data.train), ElementsAre("joy", "surprise", "sadness"));
  EXPECT_THAT(targets_of(data.valid), ElementsAre("neutral"));
  EXPECT_THAT(targets_of(data.test), ElementsAre("disgust"));
  EXPECT_EQ(data.train[2].path, root() / "train/dia12_utt3.wav");
  EXPECT_EQ(data.train[1].speaker, "Mr. Brown");
}

TEST_F(Meld, TranscriptsAsTheCorpusWritesThem) {
  const Dataset data = read("asr");
  EXPECT_THAT(targets_of(data.train), ElementsAre("Well, there you are.", "\"Wanted: a cat.\" That’s it!", "Gone."));
  EXPECT_THAT(data.labels, IsEmpty());
}

TEST_F(Meld, EmptyTranscriptsAreLeftOutOfAsrOnly) {
  text("test_sent_emo.csv", kHeader + "1, ,Bert,fear,negative,0,0,4,7,\"0:20:57,2\",\"0:21:00,0\"\n");
  EXPECT_THAT(targets_of(read().test), ElementsAre("fear"));
  const Dataset data = read("asr");
  EXPECT_THAT(data.test, IsEmpty());
  EXPECT_THAT(data.notes.back(), HasSubstr("1 of 1 clips have an empty transcript and are left out"));
}

TEST_F(Meld, AClipThatWasNeverPublishedIsNotMissing) {
  EXPECT_THAT(read().notes, ElementsAre(HasSubstr("dev_sent_emo.csv: dia110_utt7 is left out")));
  clip("dev/dia110_utt7.wav");  // somebody's replacement
  const Dataset data = read();
  EXPECT_THAT(targets_of(data.valid), ElementsAre("neutral", "anger"));
  EXPECT_THAT(data.notes, IsEmpty());
}

TEST_F(Meld, OtherAbsentClipsAreMissing) {
  fs::remove(root() / "train/dia0_utt1.wav");
  EXPECT_THAT(error(), HasSubstr("train_sent_emo.csv: 1 of 3 listed files are missing, e.g. "));
  EXPECT_THAT(error(), HasSubstr("train/dia0_utt1.wav; --allow_missing to go on"));
  allow_missing_ = true;
  EXPECT_THAT(targets_of(read().train), ElementsAre("joy", "sadness"));
}

TEST_F(Meld, TakesAnotherAudioFormat) {
  fs::rename(root() / "train/dia0_utt1.wav", root() / "train/dia0_utt1.flac");
  EXPECT_EQ(read().train[1].path, root() / "train/dia0_utt1.flac");
}

TEST_F(Meld, VideosAskForTheirAudioAndMayKeepTheirFolders) {
  fs::remove_all(root() / "dev");
  text("dev/dev_splits_complete/dia110_utt6.mp4", "video");
  {
    const Environment no_ffmpeg("PATH", root().c_str());
    EXPECT_THAT(error(), HasSubstr("found videos only; install ffmpeg, or extract their audio with: for f in '" +
                                   root().string() + "/dev/dev_splits_complete'/*.mp4; do ffmpeg "));
    EXPECT_THAT(error(), HasSubstr("\"${f%.mp4}.wav\"; done"));
  }
  clip("dev/dev_splits_complete/dia110_utt6.wav");
  fs::rename(root() / "dev_sent_emo.csv", root() / "dev/dev_sent_emo.csv");
  fs::rename(root() / "train", root() / "train_splits");
  const Dataset data = read();
  EXPECT_EQ(data.valid.at(0).path, root() / "dev/dev_splits_complete/dia110_utt6.wav");
  EXPECT_EQ(data.train.at(0).path, root() / "train_splits/dia0_utt0.wav");
}

TEST_F(Meld, NamesWhatTheLayoutLacks) {
  fs::remove_all(root() / "test");
  EXPECT_THAT(error(), HasSubstr("expected diaX_uttY.wav in one of test, output_repeated_splits_test and"));
  fs::remove(root() / "dev_sent_emo.csv");
  EXPECT_THAT(error(), HasSubstr("expected {train,dev,test}_sent_emo.csv and"));
  EXPECT_THAT(error(), HasSubstr("found dev, test_sent_emo.csv, train, train_sent_emo.csv"));
}

TEST_F(Meld, BadRowsAreNamedByFileAndLine) {
  const std::string times = ",8,21,\"0:1\",\"0:2\"\n";
  const std::pair<std::string, const char*> cases[] = {
      {kHeader + "1,Hi.,Anna,happy,positive,0,0" + times,
       "train_sent_emo.csv:2: unknown emotion 'happy', expected one"},
      {kHeader + "1,Hi.,Anna,,positive,0,0" + times, "train_sent_emo.csv:2: 'Emotion' is empty"},
      {kHeader + "1,Hi.,Anna,joy,positive,0," + times, "train_sent_emo.csv:2: 'Utterance_ID' is empty"},
      {kHeader + "1,Hi, you.,Anna,joy,positive,0,0" + times, "train_sent_emo.csv:2: 12 fields, expected 11"},
      {kHeader + "1,\"Hi.,Anna,joy,positive,0,0" + times, "train_sent_emo.csv:2: text behind a closing quote"},
      {kHeader + "1,Don\x92t.,Anna,joy,positive,0,0" + times, "train_sent_emo.csv:2: bytes that are not UTF-8"},
      {"Utterance,Emotion,Dialogue_ID\nHi.,joy,0\n",
       "train_sent_emo.csv:2: expected a column 'Utterance_ID', found 'Dialogue_ID', 'Emotion', 'Utterance'"},
      {"", "train_sent_emo.csv: empty, expected a header"},
  };
  for (const auto& [content, message] : cases) {
    text("train_sent_emo.csv", content);
    EXPECT_THAT(error(), HasSubstr(message));
  }
}

}  // namespace sure::test
