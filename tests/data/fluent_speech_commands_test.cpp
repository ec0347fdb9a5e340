#include <gmock/gmock.h>

#include "data/datasets/readers.h"
#include "tests/support/errors.h"
#include "tests/support/miniature_corpus.h"

namespace sure::test {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

const std::string kHeader = ",path,speakerId,transcription,action,object,location\n";
const std::string kSpeaker = "2BqVo8kVB2Skwgyb";
const std::string kClip = "wavs/speakers/2BqVo8kVB2Skwgyb/0a3129c0-4474-11e9-a9a5-5dbec3b8816a.wav";
const std::string kOther = "wavs/speakers/4BrX8aDqK2cLZRYl/12daefb0-5afb-11e9-8f6e-8f7a7d5a0b1c.wav";

class FluentSpeechCommands : public MiniatureCorpus {
 protected:
  void SetUp() override {
    clip(kClip);
    clip(kOther);
    text("data/train_data.csv", kHeader + "0," + kClip + "," + kSpeaker +
                                    ",Change language,change language,none,none\n" + "1," + kOther +
                                    ",4BrX8aDqK2cLZRYl,\"Lights on, please\",activate,lights,kitchen\n");
    text("data/valid_data.csv", kHeader + "0," + kOther + ",4BrX8aDqK2cLZRYl,,increase,heat,washroom\n");
    text("data/test_data.csv", kHeader + "0," + kClip + "," + kSpeaker + ",Use Chinese,change language,Chinese,none\n");
  }

  Dataset read(const std::string& task = "intent") const { return read_by(read_fluent_speech_commands, task); }

  std::string error() const {
    return message_of([&] { read(); });
  }
};

}  // namespace

TEST_F(FluentSpeechCommands, IntentsOfThreeParts) {
  const Dataset data = read();
  EXPECT_THAT(targets_of(data.train), ElementsAre("change language|none|none", "activate|lights|kitchen"));
  EXPECT_THAT(targets_of(data.valid), ElementsAre("increase|heat|washroom"));
  EXPECT_THAT(targets_of(data.test), ElementsAre("change language|Chinese|none"));
  EXPECT_EQ(data.train[0].path, root() / kClip);
  EXPECT_EQ(data.train[0].speaker, kSpeaker);
  EXPECT_THAT(data.labels, IsEmpty());
  EXPECT_THAT(data.notes, IsEmpty());
}

TEST_F(FluentSpeechCommands, TranscriptsWithoutTheEmptyOnes) {
  const Dataset data = read("asr");
  EXPECT_THAT(targets_of(data.train), ElementsAre("Change language", "Lights on, please"));
  EXPECT_THAT(data.valid, IsEmpty());
  EXPECT_THAT(data.notes, ElementsAre(HasSubstr("valid_data.csv: 1 of 1 clips have an empty transcript")));
}

TEST_F(FluentSpeechCommands, ClipsInAnotherFormatAndMissingOnes) {
  fs::rename(root() / kOther, (root() / kOther).replace_extension(".flac"));
  EXPECT_EQ(read().train[1].path, (root() / kOther).replace_extension(".flac"));
  fs::remove((root() / kOther).replace_extension(".flac"));
  EXPECT_THAT(error(),
              HasSubstr("train_data.csv: 1 of 2 listed files are missing, e.g. " + (root() / kOther).string()));
  allow_missing_ = true;
  EXPECT_EQ(read().train.size(), 1U);
}

TEST_F(FluentSpeechCommands, NamesWhatTheLayoutLacks) {
  fs::remove(root() / "data/test_data.csv");
  EXPECT_THAT(error(), HasSubstr("found data/ with train_data.csv, valid_data.csv"));
  fs::rename(root() / "data", root() / "csv");
  EXPECT_THAT(error(), HasSubstr("expected data/{train,valid,test}_data.csv and wavs/speakers/, found csv, wavs"));
}

TEST_F(FluentSpeechCommands, BadRowsAreNamedByFileAndLine) {
  const std::string row = "0," + kClip + "," + kSpeaker;
  const std::pair<std::string, const char*> cases[] = {
      {kHeader + row + ",Lights on,activate,lights,\n", "train_data.csv:2: 'location' is empty"},
      {kHeader + row + ",Lights on,activate,lights|lamp,none\n",
       "train_data.csv:2: object 'lights|lamp' holds the sep"},
      {kHeader + row + ",Lights on,activate,lights\n", "train_data.csv:2: 6 fields, expected 7"},
      {kHeader + row + ",\"Lights on,activate,lights,none\n", "train_data.csv:2: a quote that is never closed"},
      {kHeader + row + ",Lights \xff,activate,lights,none\n", "train_data.csv:2: bytes that are not UTF-8"},
      {kHeader + "0,," + kSpeaker + ",Lights on,activate,lights,none\n", "train_data.csv:2: 'path' is empty"},
      {"path,speakerId\na.wav,x\n", "train_data.csv:2: expected a column 'action', found 'path', 'speakerId'"},
  };
  for (const auto& [content, message] : cases) {
    text("data/train_data.csv", content);
    EXPECT_THAT(error(), HasSubstr(message)) << content;
  }
}

}  // namespace sure::test
