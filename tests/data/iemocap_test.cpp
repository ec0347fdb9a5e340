#include <gmock/gmock.h>

#include "data/datasets/readers.h"
#include "tests/support/errors.h"
#include "tests/support/miniature_corpus.h"

namespace sure::test {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

namespace {

const std::string kHeader = "% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n";

class Iemocap : public MiniatureCorpus {
 protected:
  void SetUp() override {
    for (int session = 1; session <= 5; ++session) {
      const std::string dialog = fmt::format("Ses0{}F_impro01", session);
      // A vote, with a comment in Windows-1252, stands under each turn.
      std::string labels = kHeader;
      int turn = 0;
      for (const char* emotion : {"neu", "fru", "exc", "ang", "xxx"}) {
        const std::string name = fmt::format("{}_{}{:03}", dialog, turn % 2 == 0 ? 'F' : 'M', turn);
        labels += fmt::format("[{}.2901 - {}.2357]\t{}\t{}\t[2.5000, 2.5000, 2.5000]\n", turn, turn + 1, name, emotion);
        labels += "C-E2:\tNeutral;\t(doesn\x92t care)\nA-E3:\tval 3; act 2; dom  2;\t()\n\n";
        clip(fmt::format("Session{}/sentences/wav/{}/{}.wav", session, dialog, name));
        ++turn;
      }
      text(labels_file(session), labels);
      text(fmt::format("Session{}/dialog/EmoEvaluation/._{}.txt", session, dialog), "[Mac");
    }
    text("Session1/dialog/EmoEvaluation/Categorical/Ses01F_impro01_e2_cat.txt", "Ses01F_impro01_F000 :Neutral; ()\n");
  }

  static std::string labels_file(int session) {
    return fmt::format("Session{0}/dialog/EmoEvaluation/Ses0{0}F_impro01.txt", session);
  }

  Dataset read() const { return read_by(read_iemocap, "emotion"); }

  std::string error() const {
    return message_of([&] { read(); });
  }
};

}  // namespace

TEST_F(Iemocap, FourClassesInSessions) {
  const Dataset data = read();
  EXPECT_THAT(data.labels, ElementsAre("neu", "hap", "sad", "ang"));
  EXPECT_THAT(targets_of(data.train), ElementsAre("neu", "hap", "ang", "neu", "hap", "ang", "neu", "hap", "ang"));
  EXPECT_EQ(data.train[8].path, root() / "Session3/sentences/wav/Ses03F_impro01/Ses03F_impro01_M003.wav");
  ASSERT_EQ(data.valid.size(), 3U);
  EXPECT_EQ(data.valid[0].path, root() / "Session4/sentences/wav/Ses04F_impro01/Ses04F_impro01_F000.wav");
  ASSERT_EQ(data.test.size(), 3U);
  EXPECT_EQ(data.test[0].path, root() / "Session5/sentences/wav/Ses05F_impro01/Ses05F_impro01_F000.wav");
  EXPECT_THAT(data.notes, ElementsAre(HasSubstr("10 of 25 turns have another emotion than neu, hap, sad, ang")));
}

TEST_F(Iemocap, TheSpeakerIsTheTurnsNotTheDialogs) {
  const Dataset data = read();
  EXPECT_EQ(data.valid[0].speaker, "Ses04F");
  EXPECT_EQ(data.valid[2].speaker, "Ses04M");
}

TEST_F(Iemocap, ScriptedDialogs) {
  text(labels_file(5), "[1.0 - 2.0]\tSes05M_script01_1b_F012\tsad\t[2.5000, 2.5000, 2.5000]\r\n");
  clip("Session5/sentences/wav/Ses05M_script01_1b/Ses05M_script01_1b_F012.flac");
  const Dataset data = read();
  EXPECT_THAT(targets_of(data.test), ElementsAre("sad"));
  EXPECT_EQ(data.test[0].speaker, "Ses05F");
  EXPECT_EQ(data.test[0].path.extension(), ".flac");
}

TEST_F(Iemocap, CountsMissingClipsBySession) {
  fs::remove_all(root() / "Session2/sentences/wav/Ses02F_impro01");
  EXPECT_THAT(error(), HasSubstr("Session2/dialog/EmoEvaluation: 3 of 3 listed files are missing, e.g. "));
  allow_missing_ = true;
  EXPECT_EQ(read().train.size(), 6U);
}

TEST_F(Iemocap, NamesWhatTheLayoutLacks) {
  fs::remove_all(root() / "Session1/dialog/EmoEvaluation");
  EXPECT_THAT(error(), HasSubstr("Session1/dialog/EmoEvaluation: expected Ses*.txt, found no such folder"));
  fs::remove_all(root() / "Session4");
  EXPECT_THAT(error(), HasSubstr("expected the folders Session1 to Session5, found Session1, Session2, Session3, Ses"));
}

TEST_F(Iemocap, BadTurnsAreNamedByFileAndLine) {
  const std::string values = "\t[2.5, 2.5, 2.5]\n";
  const std::pair<std::string, const char*> cases[] = {
      {"[1.0 - 2.0]\tSes01F_impro01_F000\thappy" + values, "Ses01F_impro01.txt:3: unknown emotion 'happy', expected"},
      {"[1.0 - 2.0]\tSes01F_impro01_F000\tneu\n", "Ses01F_impro01.txt:3: expected '[start - end]<tab>Ses01F_"},
      {"[1.0 - 2.0] Ses01F_impro01_F000 neu [2.5, 2.5, 2.5]\n", "found 1 fields: '[1.0 - 2.0] Ses01F_"},
      {"[1.0 - 2.0]\tSes01F_impro01_X000\tneu" + values, "found 4 fields: '[1.0 - 2.0]', 'Ses01F_impro01_X000', 'neu"},
      {"[1.0 - 2.0]\t../../../Ses_F000\tneu" + values, "Ses01F_impro01.txt:3: expected"},
      {"[1.0 - 2.0]\tSes_F\tneu" + values, "Ses01F_impro01.txt:3: expected"},
  };
  for (const auto& [content, message] : cases) {
    text(labels_file(1), kHeader + content);
    EXPECT_THAT(error(), HasSubstr(message));
  }
}

TEST_F(Iemocap, AnEditedLineIsReadOrRefused) {
  allow_missing_ = true;
  const std::string line = "[6.2901 - 8.2357]\tSes01F_impro01_F000\tneu\t[2.5000, 2.5000, 2.5000]\n";
  int read_whole = 0, refused = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    for (const char c : std::string("\t\n\0/_[\xff", 7)) {
      text(labels_file(1), std::string(line).replace(i, 1, 1, c));
      try {
        read();
        ++read_whole;
      } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("Ses01F_impro01.txt:"));
        ++refused;
      }
    }
  }
  EXPECT_GT(read_whole, 0);
  EXPECT_GT(refused, 0);
}

}  // namespace sure::test
