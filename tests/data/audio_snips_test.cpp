#include <gmock/gmock.h>

#include <set>
#include <sstream>

#include "core/atomic_file.h"
#include "data/datasets/readers.h"
#include "tests/support/errors.h"
#include "tests/support/miniature_corpus.h"
#include "text/utf8.h"

namespace sure::test {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

class AudioSnips : public MiniatureCorpus {
 protected:
  void SetUp() override {
    text("slots.txt", "O\nplaylist\nartist\nyear");
    text("all.iob.snips.txt",
         "Brian-snips-test-0 BOS PLAY SOME JAZZ EOS\tO O O O PlayMusic\n"
         "Amy-snips-valid-0 BOS KENT JAMES EOS\tO artist artist PlayMusic\r\n"
         "Ivy-snips-train-0 BOS PLAY KENT JAMES FROM NINETEEN NINETY EOS\tO O artist artist O year year PlayMusic\n"
         "Salli-snips-train-1 BOS ADD KENT GRIME NOW EOS\tO O artist playlist O AddToPlaylist\n");
    for (const char* name : {"train/Ivy-snips-train-0", "train/Salli-snips-train-1", "valid/Amy-snips-valid-0",
                             "test/Brian-snips-test-0"}) {
      clip(std::string(name) + ".wav");
    }
  }

  void train_line(const std::string& line) { text("all.iob.snips.txt", line + "\n"); }

  Dataset read(const std::string& task = "slot") const { return read_by(read_audio_snips, task); }

  std::string error() const {
    return message_of([&] { read(); });
  }
};

}  // namespace

TEST_F(AudioSnips, SlotsAreMarkedInTheTranscript) {
  const Dataset data = read();
  EXPECT_THAT(targets_of(data.train),
              ElementsAre("PLAY B-artist KENT JAMES E-artist FROM B-year NINETEEN NINETY E-year",
                          "ADD B-artist KENT E-artist B-playlist GRIME E-playlist NOW"));
  EXPECT_THAT(targets_of(data.valid), ElementsAre("B-artist KENT JAMES E-artist"));
  EXPECT_THAT(targets_of(data.test), ElementsAre("PLAY SOME JAZZ"));
  EXPECT_THAT(data.labels, ElementsAre("playlist", "artist", "year"));
  EXPECT_EQ(data.train[0].path, root() / "train/Ivy-snips-train-0.wav");
  EXPECT_EQ(data.train[1].speaker, "Salli");
  EXPECT_THAT(data.notes, IsEmpty());
}

TEST_F(AudioSnips, TagsWithBordersSplitNeighboursOfOneSlot) {
  train_line("Ivy-snips-train-0 BOS PLAY KENT JAMES MADONNA EOS\tO O B-artist I-artist B-artist PlayMusic");
  EXPECT_THAT(targets_of(read().train), ElementsAre("PLAY B-artist KENT JAMES E-artist B-artist MADONNA E-artist"));
  train_line("Ivy-snips-train-0 BOS PLAY KENT JAMES MADONNA EOS\tO O artist artist artist PlayMusic");
  EXPECT_THAT(targets_of(read().train), ElementsAre("PLAY B-artist KENT JAMES MADONNA E-artist"));
}

TEST_F(AudioSnips, TranscriptsWithoutTheEmptyOnes) {
  EXPECT_THAT(targets_of(read("asr").train), ElementsAre("PLAY KENT JAMES FROM NINETEEN NINETY", "ADD KENT GRIME NOW"));
  EXPECT_THAT(read("asr").labels, IsEmpty());
  train_line("Ivy-snips-train-0 BOS  EOS\tO  PlayMusic");
  EXPECT_THAT(read("asr").train, IsEmpty());
  EXPECT_THAT(read("asr").notes, ElementsAre(HasSubstr("1 of 1 clips have an empty transcript and are left out")));
}

TEST_F(AudioSnips, VoicesThatAreNotHereAreNotMissing) {
  train_line(
      "Ivy-snips-train-0 BOS KENT EOS\tO artist PlayMusic\n"
      "Amy-snips-train-0 BOS KENT EOS\tO artist PlayMusic\n"
      "Amy-snips-train-1 BOS JAMES EOS\tO artist PlayMusic\n"
      "Salli-snips-train-1 BOS KENT EOS\tO artist PlayMusic");
  const Dataset data = read();
  EXPECT_EQ(data.train.size(), 2U);
  EXPECT_THAT(data.notes, ElementsAre(HasSubstr("1 voices without any clip here are left out, e.g. train/Amy")));
}

TEST_F(AudioSnips, ClipsOfAVoiceThatIsHereAreMissing) {
  train_line(
      "Ivy-snips-train-0 BOS KENT EOS\tO artist PlayMusic\n"
      "Ivy-snips-train-1 BOS KENT EOS\tO artist PlayMusic");
  EXPECT_THAT(error(), HasSubstr("all.iob.snips.txt: 1 of 2 listed files are missing, e.g. " +
                                 (root() / "train/Ivy-snips-train-1.wav").string()));
  clip("train/Ivy-snips-train-1.flac");
  EXPECT_EQ(read().train[1].path, root() / "train/Ivy-snips-train-1.flac");
}

TEST_F(AudioSnips, NamesWhatTheLayoutLacks) {
  fs::remove(root() / "valid/Amy-snips-valid-0.wav");
  EXPECT_THAT(error(), HasSubstr("valid: expected audio files, found none"));
  fs::remove(root() / "slots.txt");
  EXPECT_THAT(error(), HasSubstr("expected all.iob.snips.txt, slots.txt and the folders train, valid and test, found "
                                 "all.iob.snips.txt, test, train, valid"));
}

TEST_F(AudioSnips, BadLinesAreNamedByNumber) {
  const std::pair<const char*, const char*> cases[] = {
      {"Ivy-snips-train-0 BOS PLAY KENT EOS\tO O PlayMusic",
       "a tag for each of 2 words and the intent behind the tab, "},
      {"Ivy-snips-train-0 BOS PLAY KENT EOS\tO O artist artist PlayMusic", "found 5 items"},
      {"Ivy-snips-train-0 BOS PLAY KENT EOS O O artist PlayMusic", "found 0 tabs"},
      {"Ivy-snips-train-0\tBOS PLAY KENT EOS\tO O artist PlayMusic", "found 2 tabs"},
      {"Ivy-snips-train-0 PLAY KENT\tO O artist", "expected '<clip> BOS <words> EOS' before the tab, found 'Ivy-"},
      {"\tO", "expected '<clip> BOS <words> EOS' before the tab, found ''"},
      {"snips-train-0 BOS PLAY EOS\tO O PlayMusic", "expected a clip like Ivy-snips-train-0, found 'snips-train-0'"},
      {"Ivy-snips-dev-0 BOS PLAY EOS\tO O PlayMusic",
       "expected a clip like Ivy-snips-train-0, found 'Ivy-snips-dev-0'"},
      {"Ivy-snips-train-0 BOS PLAY KENT EOS\tO O singer PlayMusic",
       "unknown slot 'singer', expected O or one of slots"},
      {"Ivy-snips-train-0 BOS PLAY KENT EOS\tO O B- PlayMusic", "unknown slot 'B-'"},
      {"Ivy-snips-train-0 BOS PLAY K\xffNT EOS\tO O artist PlayMusic", "expected UTF-8 text"},
  };
  for (const auto& [line, message] : cases) {
    train_line("Ivy-snips-train-0 BOS KENT EOS\tO artist PlayMusic\n" + std::string(line));
    EXPECT_THAT(error(), HasSubstr("all.iob.snips.txt:2: "));
    EXPECT_THAT(error(), HasSubstr(message));
  }
}

TEST_F(AudioSnips, AnEditedLineIsReadOrRefused) {
  allow_missing_ = true;
  const std::string line = "Ivy-snips-train-0 BOS PLAY KENT EOS\tO O B-artist PlayMusic\n";
  int read_whole = 0, refused = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    for (const char c : std::string("\t\n\0/- \xff", 7)) {
      text("all.iob.snips.txt", std::string(line).replace(i, 1, 1, c));
      try {
        read();
        ++read_whole;
      } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("all.iob.snips.txt:"));
        ++refused;
      }
    }
  }
  EXPECT_GT(read_whole, 0);
  EXPECT_GT(refused, 0);
}

/// The sentences of SNIPS itself, with tags in IOB, where they lie beside the project.
class RealSnips : public AudioSnips {
 protected:
  void SetUp() override {
    const fs::path folder = shared_data() / "meta/snips_slotgated/data/snips/test";
    if (!fs::is_directory(folder)) GTEST_SKIP() << "no SNIPS annotations beside the project (SURE_SHARED_DATA)";
    words_ = lines(folder / "seq.in");
    tags_ = lines(folder / "seq.out");
    const std::vector<std::string> intents = lines(folder / "label");
    std::string list;
    std::set<std::string> slots;
    for (size_t i = 0; i < words_.size(); ++i) {
      list += fmt::format("Emma-snips-test-{} BOS {} EOS\tO {} {}\n", i, words_[i], tags_[i], intents.at(i));
      clip(fmt::format("test/Emma-snips-test-{}.wav", i));
      for (const std::string& tag : split_words(tags_[i])) slots.emplace(tag == "O" ? tag : tag.substr(2));
    }
    clip("train/Ivy-snips-train-0.wav");
    clip("valid/Amy-snips-valid-0.wav");
    text("all.iob.snips.txt", list);
    text("slots.txt", fmt::format("{}\n", fmt::join(slots, "\n")));
  }

  static std::vector<std::string> lines(const fs::path& file) {
    std::vector<std::string> lines;
    std::istringstream text(read_file(file));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

  std::vector<std::string> words_;
  std::vector<std::string> tags_;
};

TEST_F(RealSnips, WordsStayAndEverySlotIsMarkedOnce) {
  const Dataset data = read();
  ASSERT_EQ(data.test.size(), 700U);
  EXPECT_EQ(data.labels.size(), 39U);
  for (size_t i = 0; i < data.test.size(); ++i) {
    std::vector<std::string> words;
    std::vector<std::string> opened, begun;
    std::string open;
    for (const std::string& part : split_words(data.test[i].target)) {
      if (part.starts_with("B-")) {
        EXPECT_EQ(open, "") << data.test[i].target;
        open = part.substr(2);
        opened.push_back("B-" + open);
      } else if (part.starts_with("E-")) {
        EXPECT_EQ(open, part.substr(2)) << data.test[i].target;
        open.clear();
      } else {
        words.push_back(part);
      }
    }
    for (const std::string& tag : split_words(tags_[i])) {
      if (tag.starts_with("B-")) begun.emplace_back(tag);
    }
    EXPECT_EQ(open, "") << data.test[i].target;
    EXPECT_EQ(opened, begun) << data.test[i].target;
    EXPECT_EQ(words, split_words(words_[i]));
  }
}

}  // namespace sure::test
