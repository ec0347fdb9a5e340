// Readers of transcripts on the true layouts of their corpora, in miniature and, where they lie beside the project, on
// real recordings.
#include <gmock/gmock.h>

#include <set>

#include "core/atomic_file.h"
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
using namespace std::string_literals;

namespace {

class TranscribedCorpora : public MiniatureCorpus {
 protected:
  void librispeech_chapter(const std::string& part, int speaker, int chapter, int clips) {
    const std::string stem = fmt::format("{}-{}", speaker, chapter);
    const std::string folder = fmt::format("{}/{}/{}/", part, speaker, chapter);
    std::string transcripts;
    for (int i = 0; i < clips; ++i) {
      clip(fmt::format("{}{}-{:04}.flac", folder, stem, i));
      transcripts += fmt::format("{}-{:04} {} SAYS NUMBER {}\n", stem, i, part, i);
    }
    text(fmt::format("{}{}.trans.txt", folder, stem), transcripts);
  }

  void fleurs(const std::string& folder) {
    for (const std::string part : {"train", "dev", "test"}) {
      clip(fmt::format("{}audio/{}/111.wav", folder, part));
      clip(fmt::format("{}audio/{}/222.wav", folder, part));
      text(fmt::format("{}{}.tsv", folder, part), "7\t111.wav\tSay \"A\", please.\t" + part +
                                                      " say \"a please\tp l e a s e |\t64000\tFEMALE\n" +
                                                      "7\t222.wav\tSay A.\tsay a\ts a y | a |\t64000\tMALE\n");
    }
  }

  void voxpopuli(const std::string& folder, const std::string& id_column) {
    const std::string header =
        id_column + "\traw_text\tnormalized_text\tspeaker_id\tsplit\tgender" + "\tis_gold_transcript\taccent\n";
    for (const std::string part : {"train", "dev", "test"}) {
      const std::string id = "20090114-0900-PLENARY-7-en_20090114-18:28:32_" + part;
      clip(fmt::format("{}2009/{}.ogg", folder, id));
      text(fmt::format("{}asr_{}.tsv", folder, part), header + id + "\tMr \"President\"!\t" + part +
                                                          " mr president\t12" + part + "\t" + part +
                                                          "\tfemale\tTrue\tNone\n");
    }
  }

  void esd_speaker(const std::string& speaker, const std::string& transcripts) {
    int number = 0;
    for (const char* emotion : {"Angry", "Happy", "Neutral", "Surprise", "Sad"}) {
      for (const char* part : {"train", "evaluation", "test"}) {
        clip(fmt::format("{}/{}/{}/{}_{:06}.wav", speaker, emotion, part, speaker, ++number));
      }
    }
    text(fmt::format("{0}/{0}.txt", speaker), transcripts);
  }

  static std::string esd_lines(const std::string& speaker) {
    std::string lines;
    for (int i = 1; i <= 15; ++i) lines += fmt::format("{}_{:06}\tCaf\xC3\xA9 {}!\tAngry\r\n", speaker, i, i);
    return lines;
  }

  std::string error(const std::string& dataset, const std::string& task = "asr") const {
    return message_of([&] { read(dataset, task); });
  }
};

std::string as_utf16(const std::string& latin) {
  std::string text = "\xFF\xFE";
  for (size_t i = 0; i < latin.size(); ++i) {
    const bool is_accent = latin[i] == '\xC3';
    text += is_accent ? '\xE9' : latin[i];
    text += '\0';
    if (is_accent) ++i;
  }
  return text;
}

std::set<std::string> speakers_of(const std::vector<Example>& examples) {
  std::set<std::string> speakers;
  for (const Example& example : examples) speakers.insert(example.speaker);
  return speakers;
}

Dataset read_real(const std::string& dataset, const std::string& folder, const std::string& task,
                  bool allow_missing = false) {
  DataOptions options;
  options.dataset = dataset;
  options.data_dir = (shared_data() / folder).string();
  options.allow_missing = allow_missing;
  return read_dataset(options, task);
}

}  // namespace

TEST_F(TranscribedCorpora, LibriSpeechTakesItsPartsAsSplits) {
  librispeech_chapter("train-clean-100", 19, 198, 3);
  librispeech_chapter("train-other-500", 20, 199, 2);
  librispeech_chapter("dev-clean", 84, 121123, 1);
  librispeech_chapter("dev-other", 85, 121123, 1);
  librispeech_chapter("test-clean", 61, 70968, 2);
  const Dataset data = read("librispeech", "asr");
  EXPECT_EQ(data.train.size(), 5U);
  EXPECT_EQ(data.train[2].path, root() / "train-clean-100/19/198/19-198-0002.flac");
  EXPECT_EQ(data.train[2].target, "train-clean-100 SAYS NUMBER 2");
  EXPECT_EQ(data.train[2].speaker, "19");
  EXPECT_THAT(targets_of(data.valid), ElementsAre("dev-clean SAYS NUMBER 0"));
  EXPECT_THAT(targets_of(data.test), ElementsAre("test-clean SAYS NUMBER 0", "test-clean SAYS NUMBER 1"));
  EXPECT_THAT(data.notes, IsEmpty());

  const Dataset speakers = read("librispeech", "verification");
  EXPECT_THAT(targets_of(speakers.test), ElementsAre("61", "61"));
  EXPECT_THAT(speakers_of(speakers.train), ElementsAre("19", "20"));
}

TEST_F(TranscribedCorpora, LibriSpeechSpeakersAreThoseOfTraining) {
  librispeech_chapter("train-clean-100", 19, 198, 10);
  librispeech_chapter("test-clean", 61, 70968, 10);
  const Dataset data = read("librispeech", "speaker");
  EXPECT_EQ(data.train.size(), 8U);
  EXPECT_THAT(targets_of(data.test), ElementsAre("19"));
  EXPECT_THAT(data.notes, Contains(HasSubstr("10 clips of the corpus' other parts left out")));
}

TEST_F(TranscribedCorpora, LibriSpeechWithoutCleanPartsTakesTheOthers) {
  librispeech_chapter("train-clean-100", 19, 198, 10);
  librispeech_chapter("test-other", 61, 70968, 1);
  const Dataset data = read("librispeech", "asr");
  EXPECT_THAT(targets_of(data.test), ElementsAre("test-other SAYS NUMBER 0"));
  EXPECT_EQ(data.valid.size(), 1U);
  EXPECT_THAT(data.notes, ElementsAre(HasSubstr("test-other takes its place"), HasSubstr("no validation part")));
}

TEST_F(TranscribedCorpora, LibriSpeechMayTrainOnDevelopmentClipsButNeverOnTestClips) {
  librispeech_chapter("test-clean", 61, 70968, 20);
  EXPECT_THAT(error("librispeech"), HasSubstr("found no training clips, expected {train-*"));
  allow_missing_ = true;
  EXPECT_THAT(error("librispeech"), HasSubstr("found no training clips, expected {train-*"));
  librispeech_chapter("dev-clean", 84, 121123, 20);
  const Dataset data = read("librispeech", "asr");
  EXPECT_EQ(data.train.size(), 18U);
  EXPECT_EQ(data.valid.size(), 2U);
  EXPECT_THAT(speakers_of(data.test), ElementsAre("61"));
  EXPECT_THAT(data.notes, ElementsAre(HasSubstr("the 20 validation clips are trained on"), HasSubstr("2 of 20")));
}

TEST_F(TranscribedCorpora, LibriSpeechOtherPartsAreSplitsOfTheirOwn) {
  librispeech_chapter("train-clean-100", 19, 198, 4);
  librispeech_chapter("dev-clean", 84, 121123, 1);
  librispeech_chapter("dev-other", 85, 121123, 2);
  librispeech_chapter("test-clean", 61, 70968, 3);
  librispeech_chapter("test-other", 62, 70968, 5);
  const std::pair<const char*, size_t> splits[] = {{"test", 3},      {"test-clean", 3}, {"test-other", 5}, {"dev", 1},
                                                   {"dev-clean", 1}, {"dev-other", 2},  {"train", 4},      {"all", 15}};
  Dataset data = read_for_evaluation(options_for("librispeech"), "asr");
  for (const auto& [split, clips] : splits) EXPECT_EQ(select_split(data, split).size(), clips) << split;
  EXPECT_THAT(message_of([&] { select_split(data, "test-noisy"); }),
              HasSubstr("which has train (4 clips), valid (1 clip), test (3 clips), dev-other (2 clips), test-other"));

  DataOptions request = options_for("librispeech");
  request.test_speakers = {"19"};
  librispeech_chapter("train-clean-100", 20, 198, 4);
  const Dataset moved = read_dataset(request, "asr");
  EXPECT_THAT(speakers_of(moved.train), ElementsAre("20"));
  EXPECT_THAT(speakers_of(moved.test), ElementsAre("19"));
  EXPECT_THAT(moved.notes, Contains(HasSubstr("3 clips of the corpus' own test split are left out")));
}

TEST_F(TranscribedCorpora, ClipsAndTranscriptsWithoutAPartnerAreNamed) {
  librispeech_chapter("train-clean-100", 19, 198, 3);
  librispeech_chapter("dev-clean", 84, 121123, 1);
  fs::remove(root() / "train-clean-100/19/198/19-198-0001.flac");
  EXPECT_THAT(error("librispeech"), HasSubstr("1 of 4 transcripts have no recording, e.g. 19-198-0001; --allow_"));
  clip("train-clean-100/19/198/19-198-0001.flac");
  clip("train-clean-100/19/198/19-198-0009.flac");
  EXPECT_THAT(error("librispeech"), HasSubstr("1 of 5 recordings have no transcript, e.g. " + root().string()));
  allow_missing_ = true;
  const Dataset data = read("librispeech", "asr");
  EXPECT_EQ(data.train.size(), 3U);
  EXPECT_THAT(data.notes, Contains(HasSubstr("19-198-0009.flac")));
}

TEST_F(TranscribedCorpora, EmptyTranscriptsAreDroppedAndCounted) {
  librispeech_chapter("train-clean-100", 19, 198, 2);
  librispeech_chapter("dev-clean", 84, 121123, 1);
  text("train-clean-100/19/198/19-198.trans.txt", "19-198-0000 \n19-198-0001 HERE\n\n");
  const Dataset data = read("librispeech", "asr");
  EXPECT_THAT(targets_of(data.train), ElementsAre("HERE"));
  EXPECT_THAT(data.notes, Contains(HasSubstr("1 clips with an empty transcript are left out, e.g. ")));
}

TEST_F(TranscribedCorpora, BadTranscriptsAreNamedByFileAndLine) {
  librispeech_chapter("train-clean-100", 19, 198, 2);
  const std::string file = "train-clean-100/19/198/19-198.trans.txt";
  text(file, "19-198-0000 FINE\n\n19-198-0001 BAD \xFF\n");
  EXPECT_THAT(error("librispeech"), HasSubstr("19-198.trans.txt:3: expected UTF-8 text"));
  text(file, "19-198-0000 ONE\n19-198-0001 X\n19-198-0000 TWO\n");
  EXPECT_THAT(error("librispeech"), HasSubstr("19-198.trans.txt:3: '19-198-0000' is there twice"));
  text(file, "19-198-0000 ONE\n19-198-0001 X\n19-198-0000 ONE\n");
  EXPECT_EQ(read("librispeech", "asr").train.size(), 2U);
  clip("train-clean-100/19/198/19-198-0000.wav");
  EXPECT_THAT(error("librispeech"), HasSubstr("19-198-0000.wav: a second recording of '19-198-0000'"));
}

TEST_F(TranscribedCorpora, FleursReadsItsNormalisedTranscription) {
  for (const std::string folder : {"", "en_us/"}) {
    SCOPED_TRACE(folder);
    for (const auto& entry : fs::directory_iterator(root())) {
      if (entry.path().filename() != ".clip.wav") fs::remove_all(entry.path());
    }
    fleurs(folder);
    const Dataset data = read("fleurs", "asr");
    EXPECT_THAT(targets_of(data.train), ElementsAre("train say \"a please", "say a"));
    EXPECT_THAT(targets_of(data.valid), Contains("dev say \"a please"));
    EXPECT_THAT(targets_of(data.test), Contains("test say \"a please"));
    EXPECT_EQ(data.valid[1].path, root() / (folder + "audio/dev/222.wav"));
    EXPECT_THAT(data.notes, IsEmpty());
  }
}

TEST_F(TranscribedCorpora, FleursWithSeveralLanguages) {
  fleurs("data/de_de/");
  fleurs("data/fr_fr/");
  EXPECT_THAT(error("fleurs"), HasSubstr("found the languages de_de, fr_fr, expected one"));
  fleurs("data/en_us/");
  const Dataset data = read("fleurs", "asr");
  EXPECT_THAT(data.train[0].path.string(), HasSubstr("/en_us/"));
  EXPECT_THAT(data.notes, ElementsAre(HasSubstr("en_us of 3 languages is used")));
  EXPECT_THAT(data.languages, ElementsAre("de_de", "en_us", "fr_fr"));
}

TEST_F(TranscribedCorpora, FleursNamesRowsAndListsThatAreNotThere) {
  fleurs("");
  text("dev.tsv", "7\t111.wav\tSay A.\tsay a\n");
  EXPECT_THAT(error("fleurs"), HasSubstr("dev.tsv:1: 4 fields, expected 7 separated by tabs"));
  fs::remove(root() / "dev.tsv");
  EXPECT_THAT(error("fleurs"), HasSubstr("dev.tsv: expected this list of clips, found audio, test.tsv, train.tsv"));
  allow_missing_ = true;
  EXPECT_EQ(read("fleurs", "asr").test.size(), 2U);
}

TEST_F(TranscribedCorpora, VoxPopuliReadsItsNormalisedText) {
  for (const auto& [folder, id_column] : {std::pair{""s, "id_"s}, {"transcribed_data/en/"s, "id"s}}) {
    SCOPED_TRACE(folder);
    for (const auto& entry : fs::directory_iterator(root())) {
      if (entry.path().filename() != ".clip.wav") fs::remove_all(entry.path());
    }
    voxpopuli(folder, id_column);
    const Dataset data = read("voxpopuli", "asr");
    EXPECT_THAT(targets_of(data.train), ElementsAre("train mr president"));
    EXPECT_THAT(targets_of(data.valid), ElementsAre("dev mr president"));
    EXPECT_THAT(targets_of(data.test), ElementsAre("test mr president"));
    EXPECT_EQ(data.test[0].speaker, "12test");
    EXPECT_EQ(data.test[0].path, root() / (folder + "2009/20090114-0900-PLENARY-7-en_20090114-18:28:32_test.ogg"));
    EXPECT_THAT(data.notes, IsEmpty());
  }
}

TEST_F(TranscribedCorpora, VoxPopuliNamesWhatDoesNotFit) {
  voxpopuli("", "id");
  clip("2010/unlisted.ogg");
  EXPECT_THAT(error("voxpopuli"), AllOf(HasSubstr("1 of 4 recordings have no transcript"), HasSubstr("unlisted")));
  fs::remove(root() / "2010/unlisted.ogg");
  text("asr_dev.tsv", read_file(root() / "asr_test.tsv"));
  EXPECT_THAT(error("voxpopuli"), HasSubstr("asr_test.tsv:2: "));
  EXPECT_THAT(error("voxpopuli"), HasSubstr("is in another split's list too"));
  text("asr_dev.tsv", "id\ttext\nx\ty\n");
  EXPECT_THAT(error("voxpopuli"), HasSubstr("speaker_id"));
}

TEST_F(TranscribedCorpora, EsdReadsItsEncodings) {
  esd_speaker("0011", "\xEF\xBB\xBF" + esd_lines("0011"));
  esd_speaker("0012", as_utf16(esd_lines("0012")));
  esd_speaker("0001", "0001_000001\t\xB4\xF2\xD4\xB6\t\xC9\xFA\xC6\xF8\n");  // GBK, of a Chinese speaker: not read
  const Dataset data = read("esd", "asr");
  EXPECT_EQ(data.train.size(), 10U);
  EXPECT_EQ(data.valid.size(), 10U);
  EXPECT_THAT(speakers_of(data.train), ElementsAre("0011", "0012"));
  EXPECT_EQ(data.train[0].target, "Caf\xC3\xA9 1!");
  EXPECT_EQ(data.test[9].target, "Caf\xC3\xA9 15!");
  EXPECT_THAT(data.labels, IsEmpty());
  text("0011/0011.txt", "0011_000001\tCaf\xE9\tAngry\n");
  EXPECT_THAT(error("esd"), AllOf(HasSubstr("0011.txt: bytes that are neither UTF-8"), HasSubstr("WINDOWS-1252")));
}

TEST_F(TranscribedCorpora, EsdLinesWithoutTabsMustBeAllowed) {
  esd_speaker("0011", esd_lines("0011"));
  std::string lines = esd_lines("0011");
  lines.replace(lines.find('\t'), 1, " ");
  text("0011/0011.txt", lines);
  EXPECT_THAT(error("esd"), HasSubstr("0011.txt:1: expected id, text and emotion separated by tabs; 1 such lines"));
  allow_missing_ = true;
  const Dataset data = read("esd", "asr");
  EXPECT_EQ(data.train.size() + data.valid.size() + data.test.size(), 14U);
  EXPECT_THAT(data.notes, AllOf(Contains(HasSubstr("0011.txt:1")), Contains(HasSubstr("0011_000001.wav"))));
}

TEST_F(TranscribedCorpora, VctkHoldsSpeakersOutWhereThereAreEnough) {
  for (int speaker = 225; speaker < 235; ++speaker) {
    for (int i = 1; i <= 2; ++i) {
      clip(fmt::format("wav48_silence_trimmed/p{0}/p{0}_{1:03}_mic1.flac", speaker, i));
      clip(fmt::format("wav48_silence_trimmed/p{0}/p{0}_{1:03}_mic2.flac", speaker, i));
      text(fmt::format("txt/p{0}/p{0}_{1:03}.txt", speaker, i), fmt::format("Please call p{}.\n", speaker));
    }
  }
  const Dataset data = read("vctk", "asr");
  EXPECT_EQ(data.train.size(), 12U);
  EXPECT_EQ(data.valid.size(), 4U);
  for (const Example& e : data.test) {
    EXPECT_FALSE(speakers_of(data.train).contains(e.speaker));
    EXPECT_EQ(e.target, "Please call " + e.speaker + ".");
  }
  fs::remove_all(root() / "txt/p230");
  EXPECT_THAT(error("vctk"), HasSubstr("2 of 20 recordings have no transcript"));
}

TEST_F(TranscribedCorpora, RealLibriSpeech) {
  if (!fs::exists(shared_data() / "LibriSpeech")) GTEST_SKIP() << "no LibriSpeech beside the project";
  EXPECT_THAT(message_of([] { read_real("librispeech", "LibriSpeech", "asr", true); }),
              HasSubstr("found no training clips"));
  DataOptions request;
  request.dataset = "librispeech";
  request.data_dir = (shared_data() / "LibriSpeech").string();
  Dataset data = read_for_evaluation(request, "asr");
  EXPECT_EQ(select_split(data, "test-clean").size() + select_split(data, "test-other").size(), 70U);
  for (const Example& e : select_split(data, "all"))
    EXPECT_EQ(e.target.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ' "), std::string::npos);
}

TEST_F(TranscribedCorpora, RealVctk) {
  if (!fs::exists(shared_data() / "VCTK-Corpus")) GTEST_SKIP() << "no VCTK beside the project";
  EXPECT_THAT(message_of([] { read_real("vctk", "VCTK-Corpus", "asr"); }), HasSubstr("transcripts have no recording"));
  const Dataset data = read_real("vctk", "VCTK-Corpus", "asr", true);
  EXPECT_EQ(data.train.size() + data.valid.size() + data.test.size(), 40U);
  const auto is_there = [](const Example& e) { return e.path.stem() == "p225_003"; };
  std::vector<std::string> found;
  for (const auto* part : {&data.train, &data.valid, &data.test}) {
    for (const Example& e : *part) {
      if (is_there(e)) found.push_back(e.target);
    }
  }
  EXPECT_THAT(found, ElementsAre(HasSubstr("Six spoons of fresh snow peas")));
}

TEST_F(TranscribedCorpora, RealDigits) {
  if (!fs::exists(shared_data() / "fsdd")) GTEST_SKIP() << "no fsdd beside the project";
  const Dataset data = read_real("fsdd", "fsdd", "asr");
  EXPECT_EQ(data.test.size(), 250U);
  const std::vector<std::string> targets = targets_of(data.test);
  EXPECT_THAT(std::set<std::string>(targets.begin(), targets.end()),
              UnorderedElementsAre("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"));
  for (const Example& e : data.test) EXPECT_EQ(e.target == "seven", e.path.filename().string().starts_with('7'));
}

}  // namespace sure::test
