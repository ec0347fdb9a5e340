// Readers on the true layouts of their corpora, made in miniature, and what holds for every data set.
#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <set>

#include "core/atomic_file.h"
#include "core/error.h"
#include "tasks/task_data.h"
#include "tests/support/audio.h"
#include "tests/support/datasets.h"

namespace sure::test {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

const std::vector<std::string> kWords = {"off", "up", "stop", "four", "no", "down", "left", "go", "yes", "on", "right"};

class Datasets : public ::testing::Test {
 protected:
  /// Readers do not decode clips, so one real clip under many names will do; the name behind it makes it differ from
  /// the others.
  void clip(const fs::path& name) {
    const fs::path source = folder_ / ".clip.wav";
    if (!fs::exists(source)) write_wav(source, some_speech());
    const fs::path path = root() / name;
    fs::create_directories(path.parent_path());
    fs::copy_file(source, path);
    std::ofstream(path, std::ios::binary | std::ios::app) << name.string();
  }

  void text(const fs::path& name, const std::string& content) { write_file(root() / name, content); }

  fs::path root() const { return folder_.path(); }

  DataOptions options(const std::string& dataset) const {
    DataOptions options;
    options.dataset = dataset;
    options.data_dir = folder_.path().string();
    return options;
  }

  void make_esd(const std::vector<std::string>& speakers) {
    for (const std::string& speaker : speakers) {
      for (const char* emotion : {"Angry", "Happy", "Neutral", "Surprise", "Sad"}) {
        for (const char* part : {"train", "train", "evaluation", "test"}) {
          clip(fmt::format("{}/{}/{}/{}_{:06}.wav", speaker, emotion, part, speaker, ++made_));
        }
      }
    }
    text("ReadMe.txt", "ESD");
  }

  void make_speech_commands() {
    for (const std::string& word : kWords) {
      for (const char* name : {"0a_nohash_0", "0a_nohash_1", "0b_nohash_0", "0c_nohash_0"}) {
        clip(fs::path(word) / fmt::format("{}.wav", name));
      }
    }
    clip("bed/0a_nohash_0.wav");
    clip("_background_noise_/running_tap.wav");
    std::string testing = "bed/0a_nohash_0.wav\r\n", validation;
    for (const std::string& word : kWords) testing += word + "/0b_nohash_0.wav\r\n";
    for (const std::string& word : kWords) validation += word + "/0c_nohash_0.wav\n";
    text("testing_list.txt", testing);
    text("validation_list.txt", validation);
  }

  void make_fsdd(int takes) {
    for (int digit = 0; digit < 10; ++digit) {
      for (const char* speaker : {"george", "lucas", "theo"}) {
        for (int i = 0; i < takes; ++i) clip(fmt::format("recordings/{}_{}_{}.wav", digit, speaker, i));
      }
    }
  }

  TemporaryFolder folder_;
  int made_ = 0;
};

std::string error_of(const DataOptions& options, const std::string& task, ErrorKind kind = ErrorKind::runtime) {
  try {
    read_dataset(options, task);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.what();
  }
  return "no error";
}

std::set<std::string> speakers_of(const std::vector<Example>& examples) {
  std::set<std::string> speakers;
  for (const Example& example : examples) speakers.insert(example.speaker);
  return speakers;
}

std::vector<std::string> paths_of(const std::vector<Example>& examples) {
  std::vector<std::string> paths;
  for (const Example& example : examples) paths.push_back(example.path.string());
  return paths;
}

std::map<std::string, int> count_labels(const std::vector<Example>& examples) {
  std::map<std::string, int> counts;
  for (const Example& example : examples) ++counts[example.target];
  return counts;
}

/// No clip is in two splits, and all are there.
void expect_partition(const Dataset& data, size_t clips) {
  std::set<std::string> paths;
  for (const auto* part : {&data.train, &data.valid, &data.test}) {
    for (const std::string& path : paths_of(*part)) {
      EXPECT_TRUE(paths.insert(path).second) << path;
      EXPECT_TRUE(fs::is_regular_file(path)) << path;
    }
  }
  EXPECT_EQ(paths.size(), clips);
}

}  // namespace

TEST_F(Datasets, EsdEmotions) {
  make_esd({"0001", "0011", "0012"});
  const Dataset data = read_dataset(options("esd"), "emotion");
  EXPECT_THAT(data.labels, ElementsAre("Angry", "Happy", "Neutral", "Surprise", "Sad"));
  EXPECT_EQ(data.train.size(), 30U);
  EXPECT_EQ(data.valid.size(), 15U);
  EXPECT_EQ(data.test.size(), 15U);
  expect_partition(data, 60);
  for (const Example& e : data.valid) {
    EXPECT_THAT(e.path.string(), HasSubstr(e.speaker + "/" + e.target + "/evaluation/"));
  }
}

TEST_F(Datasets, EsdSpeakersAreTheEnglishOnes) {
  make_esd({"0001", "0011", "0020", "0021"});
  const Dataset data = read_dataset(options("esd"), "speaker");
  EXPECT_THAT(targets_of(data.train), ElementsAre("0011", "0020"));
  EXPECT_EQ(data.train.size(), 20U);
  EXPECT_THAT(data.notes, IsEmpty());
}

TEST_F(Datasets, EsdNamesTheFolderThatIsNotThere) {
  make_esd({"0011"});
  fs::remove_all(root() / "0011/Sad/evaluation");
  EXPECT_THAT(error_of(options("esd"), "emotion"),
              HasSubstr("0011/Sad/evaluation: expected audio files, found no such"));
  fs::remove_all(root() / "0011");
  clip("george/a.wav");
  EXPECT_THAT(error_of(options("esd"), "emotion"), HasSubstr("found ReadMe.txt, george"));
}

TEST_F(Datasets, SpeechCommandsFollowsTheLists) {
  make_speech_commands();
  const Dataset data = read_dataset(options("speech_commands"), "keyword");
  EXPECT_EQ(data.labels, kWords);
  EXPECT_EQ(data.train.size(), 22U);
  EXPECT_THAT(speakers_of(data.train), ElementsAre("0a"));
  EXPECT_THAT(speakers_of(data.test), ElementsAre("0b"));
  EXPECT_THAT(speakers_of(data.valid), ElementsAre("0c"));
  expect_partition(data, 44);
}

TEST_F(Datasets, SpeechCommandsFindsListedClipsInAnotherFormat) {
  make_speech_commands();
  fs::rename(root() / "off/0b_nohash_0.wav", root() / "off/0b_nohash_0.flac");
  EXPECT_THAT(paths_of(read_dataset(options("speech_commands"), "keyword").test),
              Contains((root() / "off/0b_nohash_0.flac").string()));
}

TEST_F(Datasets, SpeechCommandsCountsListedClipsThatAreMissing) {
  make_speech_commands();
  fs::remove(root() / "yes/0b_nohash_0.wav");
  DataOptions o = options("speech_commands");
  EXPECT_THAT(error_of(o, "keyword"),
              HasSubstr("1 of 11 listed files are missing, e.g. yes/0b_nohash_0.wav; --allow_missing to go on"));
  o.allow_missing = true;
  const Dataset data = read_dataset(o, "keyword");
  EXPECT_EQ(data.test.size(), 10U);
  EXPECT_THAT(data.notes, ElementsAre(HasSubstr("1 of 11 listed files are missing"),
                                      "1 clip of 1 other word left out, which the benchmark does not have: bed"));
}

TEST_F(Datasets, SpeechCommandsNamesWordsAndListsThatAreMissing) {
  make_speech_commands();
  fs::remove(root() / "testing_list.txt");
  EXPECT_THAT(error_of(options("speech_commands"), "keyword"), HasSubstr("testing_list.txt: expected this list"));
  fs::remove_all(root() / "left");
  fs::remove_all(root() / "go");
  EXPECT_THAT(error_of(options("speech_commands"), "keyword"), HasSubstr("found none for left, go"));
}

TEST_F(Datasets, VctkSplitsEachSpeaker) {
  for (const char* top : {"", "wav48", "wav16", "wav48_silence_trimmed"}) {
    SCOPED_TRACE(top);
    fs::remove_all(root() / "wav48");
    for (const char* speaker : {"p225", "p226"}) {
      for (int i = 1; i <= 20; ++i) clip(fs::path(top) / speaker / fmt::format("{}_{:03}.wav", speaker, i));
    }
    text("speaker-info.txt", "");
    const Dataset data = read_dataset(options("vctk"), "speaker");
    for (const char* speaker : {"p225", "p226"}) {
      EXPECT_EQ(count_labels(data.train)[speaker], 16);
      EXPECT_EQ(count_labels(data.valid)[speaker], 2);
      EXPECT_EQ(count_labels(data.test)[speaker], 2);
    }
    expect_partition(data, 40);
    EXPECT_THAT(data.notes, ElementsAre(HasSubstr("splits drawn")));
    if (*top != '\0') {
      EXPECT_THAT(data.train[0].path.string(), HasSubstr(std::string("/") + top + "/"));
    }
  }
}

TEST_F(Datasets, VctkTakesOneOfTwoMicrophones) {
  for (int i = 0; i < 10; ++i) {
    clip(fmt::format("wav48_silence_trimmed/p225/p225_{:03}_mic1.flac", i));
    clip(fmt::format("wav48_silence_trimmed/p225/p225_{:03}_mic2.flac", i));
    clip(fmt::format("wav48_silence_trimmed/p280/p280_{:03}_mic2.flac", i));
  }
  const Dataset data = read_dataset(options("vctk"), "speaker");
  expect_partition(data, 20);
  for (const Example& e : data.train) EXPECT_EQ(e.path.string().ends_with("_mic1.flac"), e.speaker == "p225") << e.path;
}

TEST_F(Datasets, FsddTestsOnTheFirstFiveTakes) {
  make_fsdd(15);
  const Dataset data = read_dataset(options("fsdd"), "keyword");
  EXPECT_THAT(targets_of(data.train), ElementsAre("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"));
  EXPECT_EQ(data.test.size(), 150U);
  EXPECT_EQ(data.valid.size(), 30U);
  expect_partition(data, 450);
  for (const Example& e : data.test) EXPECT_LT(e.path.stem().string().back(), '5') << e.path;
  for (const auto& [label, count] : count_labels(data.valid)) EXPECT_EQ(count, 3) << label;

  DataOptions inner = options("fsdd");
  inner.data_dir += "/recordings";
  EXPECT_EQ(paths_of(read_dataset(inner, "keyword").valid), paths_of(data.valid));
  EXPECT_THAT(targets_of(read_dataset(inner, "speaker").train), ElementsAre("george", "lucas", "theo"));
}

TEST_F(Datasets, FsddNamesAFileItCannotPlace) {
  make_fsdd(6);
  clip("recordings/eleven_george_0.wav");
  EXPECT_THAT(error_of(options("fsdd"), "keyword"), HasSubstr("eleven_george_0.wav: expected a file name like"));
}

TEST_F(Datasets, FolderPerLabelIsSplitByClass) {
  for (int i = 0; i < 10; ++i) clip(fmt::format("dog/{}.wav", i));
  for (int i = 0; i < 30; ++i) clip(fmt::format("cat/deeper/{}.FLAC", i));
  const Dataset data = read_dataset(options("folder"), "classify");
  EXPECT_EQ(count_labels(data.train), (std::map<std::string, int>{{"cat", 24}, {"dog", 8}}));
  EXPECT_EQ(count_labels(data.test), (std::map<std::string, int>{{"cat", 3}, {"dog", 1}}));
  expect_partition(data, 40);

  DataOptions other = options("folder");
  EXPECT_EQ(paths_of(read_dataset(other, "classify").test), paths_of(data.test));
  other.split_seed = 7;
  EXPECT_NE(paths_of(read_dataset(other, "classify").test), paths_of(data.test));
}

TEST_F(Datasets, FolderKeepsGivenSplits) {
  for (const char* part : {"train", "dev", "test"}) {
    for (const char* label : {"a", "b"}) clip(fs::path(part) / label / "1.wav");
  }
  const Dataset data = read_dataset(options("folder"), "classify");
  EXPECT_THAT(paths_of(data.valid), ElementsAre(root() / "dev/a/1.wav", root() / "dev/b/1.wav"));
  EXPECT_EQ(data.train.size(), 2U);
  fs::rename(root() / "train", root() / "other");
  EXPECT_THAT(error_of(options("folder"), "classify"), HasSubstr("expected either one folder per label or"));
}

TEST_F(Datasets, EveryReaderRefusesAnEmptyFolder) {
  for (const DatasetReader& reader : dataset_readers()) {
    if (reader.name == "manifest") continue;
    EXPECT_THAT(error_of(options(reader.name), tasks_of(reader)[0]), HasSubstr("expected")) << reader.name;
    EXPECT_THAT(error_of(options(reader.name), tasks_of(reader)[0]), HasSubstr("found n")) << reader.name;
  }
}

TEST_F(Datasets, RequestsThatCannotBeMet) {
  for (const DatasetReader& reader : dataset_readers()) {
    DataOptions o = options(reader.name);
    EXPECT_THAT(error_of(o, "whistling", ErrorKind::usage), HasSubstr(tasks_of(reader)[0]));
    o.data_dir = "/no/such/place";
    EXPECT_THAT(error_of(o, tasks_of(reader)[0]), HasSubstr("/no/such/place: no such file or folder"));
    o.data_dir = "";
    EXPECT_THAT(error_of(o, tasks_of(reader)[0], ErrorKind::usage), HasSubstr("--data_dir"));
  }
  EXPECT_THAT(error_of(options("timit"), "emotion", ErrorKind::usage), HasSubstr("speech_commands"));
}

TEST_F(Datasets, NamedSpeakersMakeUpTheTestSplit) {
  make_fsdd(15);
  DataOptions o = options("fsdd");
  o.test_speakers = {"theo"};
  o.valid_speakers = {"lucas"};
  const Dataset data = read_dataset(o, "keyword");
  EXPECT_THAT(speakers_of(data.train), ElementsAre("george"));
  EXPECT_THAT(speakers_of(data.valid), ElementsAre("lucas"));
  EXPECT_THAT(speakers_of(data.test), ElementsAre("theo"));
  EXPECT_EQ(data.test.size(), 150U);
  expect_partition(data, 450);
}

TEST_F(Datasets, NamedSpeakersThatCannotBeMoved) {
  make_fsdd(6);
  DataOptions o = options("fsdd");
  o.test_speakers = {"nobody"};
  EXPECT_THAT(error_of(o, "keyword", ErrorKind::usage), HasSubstr("which has george, lucas, theo"));
  o.test_speakers = o.valid_speakers = {"theo"};
  EXPECT_THAT(error_of(o, "keyword", ErrorKind::usage), HasSubstr("--valid_speakers and --test_speakers"));
}

TEST_F(Datasets, ClipsPerClassKeepsThatManyAndNests) {
  make_fsdd(15);
  DataOptions o = options("fsdd");
  const size_t tests = read_dataset(o, "keyword").test.size();
  o.clips_per_class = 3;
  const Dataset three = read_dataset(o, "keyword");
  o.clips_per_class = 5;
  const Dataset five = read_dataset(o, "keyword");
  for (const auto& [label, count] : count_labels(three.train)) EXPECT_EQ(count, 3) << label;
  for (const std::string& path : paths_of(three.train)) EXPECT_THAT(paths_of(five.train), Contains(path));
  EXPECT_EQ(five.train.size(), 50U);
  EXPECT_EQ(three.test.size(), tests);
  o.clips_per_class = -1;
  EXPECT_THAT(error_of(o, "keyword", ErrorKind::usage), HasSubstr("--clips_per_class -1"));
}

}  // namespace sure::test
