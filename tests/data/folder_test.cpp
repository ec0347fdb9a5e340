// What the folders of `folder` mean, and that no file in them vanishes.
#include <gmock/gmock.h>

#include <set>

#include "audio/audio_formats.h"
#include "data/audio_files.h"
#include "data/folder_layout.h"
#include "tests/support/errors.h"
#include "tests/support/miniature_corpus.h"

namespace sure::test {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

namespace {

class Folder : public MiniatureCorpus {
 protected:
  void clips(const std::string& folder, int count) {
    for (int i = 0; i < count; ++i) clip(fmt::format("{}/{}.wav", folder, i));
  }

  std::string error(const std::string& task = "classify") const {
    return message_of([&] { read("folder", task); });
  }
};

std::set<std::string> labels_of(const Dataset& data) {
  std::set<std::string> labels;
  for (const auto* part : all_parts(data)) {
    for (const Example& e : *part) labels.insert(e.target);
  }
  return labels;
}

}  // namespace

TEST_F(Folder, EmptyClassFoldersAreTold) {
  clips("cat", 3);
  clips("dog", 3);
  fs::create_directory(root() / "bird");
  EXPECT_THAT(read("folder", "classify").notes, Contains("nothing is in bird: no class"));
}

TEST_F(Folder, SplitsHaveManyNamesInAnyCase) {
  const std::vector<std::vector<std::string>> layouts = {{"Train", "Dev", "Test"},
                                                         {"training", "validation", "testing"},
                                                         {"TRAIN", "Val", "Evaluation"},
                                                         {"train", "eval", "test"},
                                                         {"train", "devel", "test"}};
  for (const auto& names : layouts) {
    SCOPED_TRACE(names[1]);
    const std::vector<int> counts = {4, 2, 3};
    for (size_t i = 0; i < 3; ++i) {
      clips(names[i] + "/cat", counts[i]);
      clips(names[i] + "/dog", counts[i]);
    }
    const Dataset data = read("folder", "classify");
    EXPECT_EQ(data.train.size(), 8U);
    EXPECT_EQ(data.valid.size(), 4U);
    EXPECT_EQ(data.test.size(), 6U);
    EXPECT_THAT(labels_of(data), ElementsAre("cat", "dog"));
    for (const std::string& name : names) fs::remove_all(root() / name);
  }
}

TEST_F(Folder, LabelsMayBeNamedLikeSplitsOnRequest) {
  clips("train", 5);
  clips("test", 5);
  EXPECT_THAT(error(), AllOf(HasSubstr("10 audio files directly in the folders test, train"),
                             HasSubstr("--splits_in_folders False")));
  clips("car", 5);
  EXPECT_THAT(error(), AllOf(HasSubstr("found test, train beside car"), HasSubstr("--splits_in_folders False")));
  DataOptions request = options_for("folder");
  request.splits_in_folders = false;
  EXPECT_THAT(labels_of(read_dataset(request, "classify")), ElementsAre("car", "test", "train"));
}

TEST_F(Folder, OneLevelTooMany) {
  clips("mydata/cat", 4);
  clips("mydata/dog", 4);
  const Dataset data = read("folder", "classify");
  EXPECT_THAT(labels_of(data), ElementsAre("cat", "dog"));
  EXPECT_THAT(data.notes, Contains(HasSubstr("all audio is in the folder 'mydata'")));
}

TEST_F(Folder, SplitsInsideLabels) {
  for (const char* label : {"cat", "dog"}) {
    clips(fmt::format("{}/train", label), 4);
    clips(fmt::format("{}/test", label), 1);
  }
  const Dataset data = read("folder", "classify");
  EXPECT_EQ(data.test.size(), 2U);
  EXPECT_THAT(labels_of(data), ElementsAre("cat", "dog"));
  EXPECT_THAT(data.notes, Contains(HasSubstr("splits are the folders test, train inside each label's")));
}

TEST_F(Folder, NoFoldersOfLabels) {
  clip("1.wav");
  EXPECT_THAT(error(), HasSubstr("1 audio file and no folders, expected one folder of audio files per label"));
  clips("data/cat", 2);
  clips("data/dog", 2);
  DataOptions request = options_for("folder");
  request.data_dir = (root() / "data/cat").string();
  EXPECT_THAT(message_of([&] { read_dataset(request, "classify"); }),
              HasSubstr("--data_dir " + (root() / "data").string() + " has such folders"));
}

TEST_F(Folder, EveryFileIsAccountedFor) {
  clips("cat", 6);
  clips("dog", 5);
  clip("lost.wav");
  for (const char* name : {"notes.txt", "cat/list.csv", "dog/README"}) text(name, "x");
  for (const char* name : {".hidden/1.wav", "__MACOSX/cat/1.wav", "cat/._1.wav", "cat/Thumbs.db"}) clip(name);
  const Dataset data = read("folder", "classify");
  EXPECT_THAT(data.notes,
              Contains("15 files: 11 clips, 1 in no label's folder, 3 other files (.csv, .txt, no extension)"));
}

TEST_F(Folder, ClassThatCannotBeReadIsNamed) {
  clips("dog", 6);
  for (int i = 0; i < 6; ++i) clip(fmt::format("cat/{}.m4a", i));
  if (ffmpeg_is_there()) {
    EXPECT_THAT(labels_of(read("folder", "classify")), ElementsAre("cat", "dog"));
    return;
  }
  EXPECT_THAT(error(), AllOf(HasSubstr("none of the 6 files of label 'cat' can be read (.m4a): install ffmpeg")));
  clip("cat/7.wav");
  EXPECT_THAT(read("folder", "classify").notes, Contains("13 files: 7 clips, 6 not readable (.m4a): install ffmpeg"));
}

TEST_F(Folder, LinksToFoldersAreFollowedButNotInCircles) {
  clips("store/x", 4);
  fs::create_directories(root() / "data/cat");
  fs::create_directory_symlink(root() / "store/x", root() / "data/cat/inner");
  fs::create_directory_symlink(root() / "data", root() / "data/cat/circle");
  EXPECT_EQ(audio_files_below(root() / "data").size(), 4U);
}

TEST_F(Folder, LabelsAreTrimmedAndPoorOnesTold) {
  clips("cat", 4);
  clips("cat /more", 2);
  clip("dog/1.wav");
  const Dataset data = read("folder", "classify");
  EXPECT_THAT(labels_of(data), ElementsAre("cat", "dog"));
  EXPECT_THAT(data.notes, Contains(HasSubstr("labels 'cat' and 'cat ' differ only by blanks: they are one, 'cat'")));
  EXPECT_THAT(data.notes, Contains(HasSubstr("1 label of one clip only (dog)")));
  fs::remove_all(root() / "dog");
  EXPECT_THAT(read("folder", "classify").notes, Contains(HasSubstr("all clips have the label 'cat'")));
}

TEST_F(Folder, SpeakersFromNames) {
  for (const char* name : {"anna_1", "anna_2", "bert_1", "bert_2"}) clip(fmt::format("happy/{}.wav", name));
  DataOptions request = options_for("folder");
  request.speaker_pattern = "([a-z]+)_[0-9]";
  request.test_speakers = {"bert"};
  const Dataset data = read_dataset(request, "classify");
  EXPECT_EQ(data.test.size(), 2U);
  for (const Example& e : data.test) EXPECT_EQ(e.speaker, "bert");
  request.test_speakers = {};
  EXPECT_THAT(labels_of(read_dataset(request, "speaker")), ElementsAre("anna", "bert"));
}

TEST_F(Folder, NotesOfDrawsTellTheFinalNumbers) {
  for (int i = 0; i < 20; ++i) clip(fmt::format("train/happy/s{}_{}.wav", i % 4, i));
  clips("test/happy", 3);
  DataOptions request = options_for("folder");
  request.speaker_pattern = "(s[0-9]|test)";
  request.valid_speakers = {"s1"};
  Dataset data = read_dataset(request, "classify");
  EXPECT_EQ(data.valid.size(), 5U);
  for (const std::string& note : data.notes) EXPECT_THAT(note, ::testing::Not(HasSubstr("drawn")));
  request.valid_speakers = {};
  request.test_speakers = {"s0"};
  data = read_dataset(request, "classify");
  EXPECT_THAT(data.notes, Contains(HasSubstr(fmt::format("no validation part: {} of {} training clips",
                                                         data.valid.size(), data.valid.size() + data.train.size()))));
}

}  // namespace sure::test
