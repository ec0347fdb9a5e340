#include <gmock/gmock.h>

#include <chrono>
#include <cstdlib>
#include <random>
#include <set>

#include "core/atomic_file.h"
#include "core/error.h"
#include "tasks/task_data.h"
#include "tests/support/audio.h"
#include "tests/support/datasets.h"

namespace sure::test {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

namespace {

class Manifest : public ::testing::Test {
 protected:
  Manifest() {
    for (const char* name : {"a.wav", "b, \"c\".wav", "sub/d.wav"}) write_wav(folder_ / name, some_speech());
  }

  Dataset read(const std::string& name, const std::string& text, const std::string& task = "classify") const {
    write_file(folder_ / name, text);
    return read_whole(folder_ / name, task);
  }

  Dataset read_folder(const fs::path& folder) const { return read_whole(folder, "classify"); }

  DataOptions options_of(const fs::path& data_dir) const {
    DataOptions options = options_;
    options.dataset = "manifest";
    options.data_dir = data_dir.string();
    options.allow_missing = allow_missing_;
    return options;
  }

  Dataset read_whole(const fs::path& data_dir, const std::string& task) const {
    return read_dataset(options_of(data_dir), task);
  }

  std::string error_of(const std::string& name, const std::string& text, const std::string& task = "classify") const {
    try {
      read(name, text, task);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  TemporaryFolder folder_;
  DataOptions options_;
  bool allow_missing_ = false;
};

}  // namespace

TEST_F(Manifest, AllFormatsSayTheSame) {
  const std::pair<const char*, const char*> manifests[] = {
      {"m.csv",
       "\xEF\xBB\xBFpath,label,speaker,split,extra\r\n"
       "a.wav,x,s1,train,\r\n"
       "\"b, \"\"c\"\".wav\",y,s2,train,\"two\nlines\"\r\n\r\n"
       "sub/d.wav,x,s1,dev,\r\n"},
      {"m.tsv",
       "split\tpath\tlabel\tspeaker\n"
       "train\ta.wav\tx\ts1\n"
       "train\tb, \"c\".wav\ty\ts2\n"
       "validation\tsub/d.wav\tx\ts1"},
      {"m.jsonl",
       "{\"path\": \"a.wav\", \"label\": \"x\", \"speaker\": \"s1\", \"split\": \"train\", \"extra\": null}\n\n"
       "{\"path\": \"b, \\\"c\\\".wav\", \"label\": \"y\", \"speaker\": \"s2\", \"split\": \"train\"}\r\n"
       "{\"path\": \"sub/d.wav\", \"label\": \"x\", \"speaker\": \"s1\", \"split\": \"valid\"}\n"},
  };
  for (const auto& [name, text] : manifests) {
    SCOPED_TRACE(name);
    const Dataset data = read(name, text);
    ASSERT_EQ(data.train.size(), 2U);
    ASSERT_EQ(data.valid.size(), 1U);
    EXPECT_EQ(data.train[1].path, folder_ / "b, \"c\".wav");
    EXPECT_EQ(data.train[1].target, "y");
    EXPECT_EQ(data.train[1].speaker, "s2");
    EXPECT_EQ(data.valid[0].path, folder_ / "sub/d.wav");
    EXPECT_EQ(data.train[0].target, "x");
  }
}

TEST_F(Manifest, TakesAbsolutePathsAndNumbersAsLabels) {
  const std::string path = (folder_ / "a.wav").string();
  const Dataset data = read("m.jsonl", fmt::format("{{\"path\": \"{}\", \"label\": 3}}", path));
  EXPECT_EQ(data.train.at(0).path, path);
  EXPECT_EQ(data.train.at(0).target, "3");
}

TEST_F(Manifest, BlanksAroundTheNamesOfColumnsAreNoPartOfThem) {
  EXPECT_EQ(read("m.csv", "path , label\na.wav,x\n").train.at(0).target, "x");
}

TEST_F(Manifest, DrawsSplitsThatItDoesNotName) {
  std::string text = "path,label\n";
  for (int i = 0; i < 20; ++i) text += i % 2 == 0 ? "a.wav,x\n" : "sub/d.wav,y\n";
  const Dataset data = read("m.csv", text);
  EXPECT_EQ(data.train.size(), 16U);
  EXPECT_EQ(data.valid.size(), 2U);
  EXPECT_EQ(data.test.size(), 2U);
  EXPECT_THAT(data.notes, Contains(HasSubstr("splits drawn 80/10/10")));
}

TEST_F(Manifest, SpeakersAreTheLabelsOfTheSpeakerTask) {
  const Dataset data = read("m.csv", "path,speaker\na.wav,anna\nsub/d.wav,bert\n", "speaker");
  EXPECT_THAT(targets_of(data.train), ElementsAre("anna", "bert"));
}

TEST_F(Manifest, TargetsByTask) {
  struct Case {
    const char* task;
    const char* columns;
    const char* values;
    const char* target;
  };
  const Case cases[] = {
      {"classify", "label", "x", "x"},
      {"asr", "text", " Hello there! ", "Hello there!"},
      {"slot", "text", "play B-artist kent james E-artist", "play B-artist kent james E-artist"},
      {"phoneme", "text,label", "Hello,x", "Hello"},
      {"phoneme", "text,phonemes", "Hello,HH AH0 L OW1", "HH AH0 L OW1"},
      {"intent", "action,object,location", "turn on,lights,none", "turn on|lights|none"},
      {"speaker", "label,speaker", "happy,anna", "anna"},
      {"emotion", "label,speaker", "happy,anna", "happy"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.columns);
    const std::string text = fmt::format("path,split,{}\na.wav,train,{}\n", c.columns, c.values);
    const Dataset data = read("m.csv", text, c.task);
    EXPECT_EQ(data.train.at(0).target, c.target);
    EXPECT_EQ(data.targets_are_phonemes, std::string(c.columns).ends_with("phonemes"));
  }
}

TEST_F(Manifest, VerificationHoldsSpeakersOut) {
  std::string text = "path,label\n";
  for (int i = 0; i < 24; ++i) text += fmt::format("a.wav,s{}\n", i % 6);
  const Dataset data = read("m.csv", text, "verification");
  std::set<std::string> trained;
  for (const Example& e : data.train) trained.insert(e.speaker);
  EXPECT_EQ(trained.size(), 2U);
  ASSERT_EQ(data.test.size(), 8U);
  for (const Example& e : data.test) EXPECT_FALSE(trained.contains(e.target));
}

TEST_F(Manifest, EmptyAndRepeatedTextsAreLeftOut) {
  const std::string text = "path,text,split\na.wav,one,train\nsub/d.wav,  ,train\na.wav,one,train\n";
  const Dataset data = read("m.csv", text, "asr");
  EXPECT_EQ(data.train.size(), 1U);
  EXPECT_THAT(data.notes, Contains(HasSubstr("1 row with an empty text left out")));
  EXPECT_THAT(data.notes, Contains(HasSubstr("1 row left out whose clip and text are there already")));
}

TEST_F(Manifest, TranscribedClipsInTwoSplitsStayAndAreTold) {
  const std::string text = "path,text,split\na.wav,one,train\nsub/d.wav,two,train\na.wav,one,test\n";
  const Dataset data = read("m.csv", text, "asr");
  EXPECT_EQ(data.test.size(), 1U);
  EXPECT_THAT(data.notes, Contains(HasSubstr("1 of 1 test clip is also a training clip")));
}

TEST_F(Manifest, ColumnsThatATaskLacksAreNamed) {
  struct Case {
    const char* task;
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {"asr", "path,label\na.wav,x\n", "m.csv:2: no 'text', expected columns path, text and optionally speaker, split"},
      {"phoneme", "path,label\na.wav,x\n", "expected columns path, phonemes or text and"},
      {"intent", "path,action,object\na.wav,x,y\n", "no 'location', expected columns path, action, object, location"},
      {"intent", "path,action,object,location\na.wav,x|y,z,none\n", "m.csv:2: '|' in 'action'"},
      {"verification", "path,text\na.wav,x\n", "expected columns path, speaker or label and"},
      {"asr", "path,text\na.wav,x\na.wav,y\n", "m.csv:3: "},
      {"asr", "path,text\na.wav,x\na.wav,y\n", "is there twice, with different texts"},
      {"asr", "path,text\na.wav,\xff\n", "m.csv:2: bytes that are not UTF-8"},
  };
  for (const Case& c : cases) EXPECT_THAT(error_of("m.csv", c.text, c.task), HasSubstr(c.message)) << c.text;
}

TEST_F(Manifest, CountsListedFilesThatAreMissing) {
  const std::string text = "path,label\na.wav,x\nnone.wav,x\nsub,x\n";
  EXPECT_THAT(error_of("m.csv", text),
              HasSubstr("2 of 3 listed files are missing, e.g. " + (folder_ / "none.wav").string()));
  allow_missing_ = true;
  EXPECT_EQ(read("m.csv", text).train.size(), 1U);
}

TEST_F(Manifest, BadRowsAreNamedByFileAndLine) {
  struct Case {
    const char* name;
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {"m.csv", "", "m.csv: empty"},
      {"m.csv", "path,label\n", "m.csv: lists no clips"},
      {"m.csv", "path,label\na.wav,x\na.wav\n", "m.csv:3: 1 field, expected 2"},
      {"m.csv", "path,label\na.wav,x,y\n", "m.csv:2: 3 fields, expected 2"},
      {"m.csv", "path,animal\na.wav,x\n", "m.csv:2: no 'label'"},
      {"m.csv", "sound,label\na.wav,x\n", "m.csv:2: no 'path'"},
      {"m.csv", "path,label\na.wav,\n", "label (empty)"},
      {"m.csv", "path,label,label\na.wav,x,y\n", "m.csv:1: column 'label' is there twice"},
      {"m.csv", "path,label,split\na.wav,x,train\na.wav,x,fit\n", "m.csv:3: unknown split 'fit'"},
      {"m.csv", "path,label,split\na.wav,x,train\nsub/d.wav,x,\n", "sub/d.wav: in no split, though 1 other clips"},
      {"m.csv", "path,label\n\"a\n.wav\",x\n\"a.wav,x\n", "m.csv:4: a quote that is never closed"},
      {"m.csv", "path,label\n\"a.wav\"b,x\n", "m.csv:2: text behind a closing quote"},
      {"m.csv", "path,label\na\"b.wav,x\n", "m.csv:2: a quote inside a field"},
      {"m.csv", "path,label\na.wav,\xff\xfe\n", "m.csv:2: bytes that are not UTF-8"},
      {"m.tsv", "path\tlabel\na.wav x\n", "m.tsv:2: 1 field, expected 2"},
      {"m.jsonl", "{\"path\": \"a.wav\", \"label\": \"x\"}\n{\"path\": \n", "m.jsonl:2: not valid JSON"},
      {"m.jsonl", "{\"path\": \"a.wav\", \"label\": \"\xff\"}\n", "m.jsonl:1: not valid JSON"},
      {"m.jsonl", "[1, 2]\n", "m.jsonl:1: a JSON array, expected an object"},
      {"m.jsonl", "\n{\"path\": \"a.wav\", \"label\": [1]}\n", "m.jsonl:2: 'label' is a JSON array"},
      {"m.jsonl", "{\"path\": \"a.wav\"}\n", "m.jsonl:1: no 'label'"},
      {"m.jsonl", "{\"path\": \"a\\u0000.wav\", \"label\": \"x\"}\n", "m.jsonl:1: 'path' holds a NUL byte"},
      {"m.jsonl", "{\"path\": \"a.wav\", \"text\": [1]}\n", "found path, text (a JSON array)"},
      {"m.jsonl", "{\"path\": \"a.wav\", \"label\": 1e999.5}\n", "m.jsonl:1: not valid JSON"},
      {"m.xlsx", "path,label\n", "unknown extension of the manifest '.xlsx'"},
  };
  for (const Case& c : cases) EXPECT_THAT(error_of(c.name, c.text), HasSubstr(c.message)) << c.text;
  using namespace std::string_literals;
  EXPECT_THAT(error_of("m.tsv", "p\0a\0t\0h\0\n\0"s), HasSubstr("m.tsv:1: bytes of zero, as in UTF-16"));
  EXPECT_THAT(error_of("m.jsonl", "{\"path\": \"a.wav\", \"text\": \"a\\u0000\"}\n", "asr"),
              HasSubstr("m.jsonl:1: 'text' holds a NUL byte"));
}

TEST_F(Manifest, SeveralLabelsOfAClipAreTold) {
  const std::vector<std::string> notes =
      read("m.csv", "path,label\na.wav,x\na.wav,y\nsub/d.wav,x\nsub/d.wav,x\n").notes;
  EXPECT_THAT(notes,
              Contains(HasSubstr("1 clip is there with different labels, e.g. " + (folder_ / "a.wav").string())));
}

TEST_F(Manifest, PartsOfRecordingsAreNotTaken) {
  const std::string rows = "path,label,offset\na.wav,x,0\nsub/d.wav,x,";
  EXPECT_THAT(read("m.csv", rows + "1.5\n").notes, Contains(HasSubstr("recordings are taken whole: 'offset' is not")));
  for (const std::string& note : read("m.csv", rows + "0.0\n").notes) EXPECT_THAT(note, Not(HasSubstr("offset")));
}

TEST_F(Manifest, CommonNamesOfColumnsAreUnderstood) {
  struct Case {
    const char* name;
    const char* text;
    const char* task;
    const char* target;
  };
  const Case cases[] = {
      {"nemo.json", "{\"audio_filepath\": \"a.wav\", \"duration\": 1.5, \"text\": \"hello\"}\n", "asr", "hello"},
      {"metadata.csv", "file_name,transcription\na.wav,hello\n", "asr", "hello"},
      {"cv.tsv", "client_id\tpath\tsentence\tup_votes\nx\ta.wav\tHello\t2\n", "asr", "Hello"},
      {"esc.csv", "filename,fold,category,esc10\na.wav,1,dog,True\n", "classify", "dog"},
      {"excel.csv", "Path;Emotion\r\na.wav;happy\r\n", "emotion", "happy"},
      {"list.json", "[\n{\"file\": \"a.wav\", \"label\": 3.0},\n {\"file\": \"sub/d.wav\", \"label\": 3}\n]\n",
       "classify", "3"},
      {"numbers.jsonl", "{\"path\": \"a.wav\", \"text\": 5, \"tags\": [1], \"x\": null, \"y\": {}, \"z\": 1e-3}\n",
       "asr", "5"},
      {"camel.csv", "AudioPath,Label\na.wav,dog\n", "classify", "dog"},
      {"title.csv", "Wav-File,Speaker ID,Emotion\na.wav,7,happy\n", "emotion", "happy"},
      {"hub.jsonl", "{\"audio\": {\"path\": \"a.wav\", \"bytes\": null}, \"sentence\": \"hello\"}\n", "asr", "hello"},
      {"far.jsonl", "{\"path\": \"a.wav\", \"text\": 123456789012345678901234567890, \"duration\": -1e999}\n", "asr",
       "123456789012345678901234567890"},
      {"nan.jsonl", "{\"path\": \"a.wav\", \"label\": \"NaN\", \"snr\": NaN, \"gain\": -Infinity}\n", "classify",
       "NaN"},
  };
  for (const Case& c : cases) {
    const Dataset data = read(c.name, c.text, c.task);
    EXPECT_EQ(data.train.at(0).target, c.target) << c.name;
    EXPECT_EQ(data.train.at(0).path, folder_ / "a.wav") << c.name;
  }
}

TEST_F(Manifest, ColumnsMayBeNamed) {
  options_.column = {"path=clip", "label=animal"};
  const Dataset data = read("m.csv", "clip,animal,label,file\na.wav,dog,7,x\n");
  EXPECT_EQ(data.train.at(0).target, "dog");
  options_.column = {"path=sound"};
  EXPECT_THAT(error_of("m.csv", "clip,label\na.wav,dog\n"), HasSubstr("m.csv has no column 'sound', but clip, label"));
  options_.column = {"sound=clip"};
  EXPECT_THAT(error_of("m.csv", "clip,label\na.wav,dog\n"),
              HasSubstr("expected NAME=THEIR_NAME with a NAME of path, "));
  options_.column = {};
  EXPECT_THAT(error_of("m.csv", "file,audio,label\na.wav,a.wav,dog\n"),
              HasSubstr("the columns audio, file could all be 'path'; say which with --column path=audio"));
}

TEST_F(Manifest, ItsColumnsSayWhichTaskIsMeant) {
  const std::pair<const char*, const char*> cases[] = {
      {"path,text\na.wav,x\n", "asr"},        {"path,label,text\na.wav,x,y\n", "classify"},
      {"path,sentence\na.wav,x\n", "asr"},    {"path,phonemes\na.wav,AH0\n", "phoneme"},
      {"path,speaker\na.wav,x\n", "speaker"}, {"path,action,object,location\na.wav,x,y,z\n", "intent"},
  };
  for (const auto& [text, task] : cases) {
    write_file(folder_ / "m.csv", text);
    DataOptions options;
    options.dataset = "manifest";
    options.data_dir = (folder_ / "m.csv").string();
    EXPECT_EQ(usual_task(options), task) << text;
  }
  EXPECT_THAT(read("m.csv", "path,label,text\na.wav,x,y\n").notes,
              Contains(HasSubstr("the labels in 'label' are taken")));
}

TEST_F(Manifest, FolderOfMetadata) {
  write_file(folder_ / "metadata.csv", "file_name,label\na.wav,x\n");
  EXPECT_EQ(read_folder(folder_.path()).train.size(), 1U);
  for (const char* part : {"train", "test"}) {
    write_wav(folder_ / "hub" / part / "1.wav", some_speech());
    write_file(folder_ / "hub" / part / "metadata.csv", "file_name,label\n1.wav,x\n");
  }
  EXPECT_EQ(read_folder(folder_ / "hub").test.at(0).path, folder_ / "hub/test/1.wav");
  write_wav(folder_ / "cv/clips/1.wav", some_speech());
  for (const char* part : {"train", "dev", "test"}) {
    write_file(folder_ / "cv" / (part + std::string(".tsv")), "path\tsentence\tlabel\n1.wav\tHello\tx\n");
  }
  EXPECT_EQ(read_folder(folder_ / "cv").valid.at(0).path, folder_ / "cv/clips/1.wav");
}

TEST_F(Manifest, LabelsThatDifferByBlanksCaseOrUnicodeAreOne) {
  const Dataset data =
      read("m.csv", "path,label,split\na.wav,cat,train\nsub/d.wav,cat ,train\n\"b, \"\"c\"\".wav\",Cat,train\n");
  for (const Example& e : data.train) EXPECT_EQ(e.target, "cat");
  EXPECT_THAT(data.notes,
              Contains(HasSubstr("labels 'Cat' and 'cat' and 'cat ' differ only by letter case: they are one")));
  const Dataset accents = read("m.csv", "path,label,split\na.wav,caf\xC3\xA9,train\nsub/d.wav,cafe\xCC\x81,train\n");
  EXPECT_EQ(accents.train[0].target, accents.train[1].target);
  EXPECT_THAT(accents.notes, Contains(HasSubstr("their Unicode form")));
}

TEST_F(Manifest, SplitsThatShareClipsOrSpeakersAreTold) {
  fs::copy_file(folder_ / "a.wav", folder_ / "copy.wav");
  fs::create_symlink(folder_ / "sub/d.wav", folder_ / "link.wav");
  write_wav(folder_ / "sub/d.wav", some_speech() * 0.5);
  const Dataset data =
      read("m.csv",
           "path,label,speaker,split\na.wav,x,anna,train\nsub/d.wav,y,bert,train\ncopy.wav,x,anna,test\n"
           "link.wav,y,carl,test\n");
  EXPECT_THAT(data.notes, Contains(HasSubstr("2 of 2 test clips are also training clips, e.g. ")));
  EXPECT_THAT(data.notes, Contains("1 of 2 test speakers is heard in training"));
}

TEST_F(Manifest, SplitsAreNamedInManyWays) {
  const Dataset data =
      read("m.csv", "path,label,subset\na.wav,x,Training\nsub/d.wav,x,DEVEL\n\"b, \"\"c\"\".wav\",x,Evaluation\n");
  EXPECT_EQ(data.train.size(), 1U);
  EXPECT_EQ(data.valid.size(), 1U);
  EXPECT_EQ(data.test.size(), 1U) << "nothing else is called test";
  EXPECT_EQ(read("m.csv", "path,label,set\na.wav,x,A\nsub/d.wav,x,B\n").train.size(), 2U) << "not a split's column";
}

TEST_F(Manifest, LineEndsOfOldMacs) {
  EXPECT_EQ(read("m.csv", "path,label,split\ra.wav,x,train\rsub/d.wav,x,train\r").train.size(), 2U);
  EXPECT_EQ(read("m.jsonl", "{\"path\": \"a.wav\", \"label\": \"x\"}\r{\"path\": \"sub/d.wav\", \"label\": \"x\"}\r")
                .train.size(),
            2U);
}

TEST_F(Manifest, Utf16) {
  std::string little = "\xFF\xFE", big = "\xFE\xFF";
  for (const char letter : std::string("path,label,split\r\na.wav,x,train\r\nsub/d.wav,x,train\r\n")) {
    little += {letter, '\0'};
    big += {'\0', letter};
  }
  for (const std::string& text : {little, big}) EXPECT_EQ(read("m.csv", text).train.size(), 2U);
  EXPECT_THAT(error_of("m.csv", little + "x"), HasSubstr("m.csv: UTF-16"));
}

TEST_F(Manifest, RowsBelowData) {
  const std::string rows = R"([{"path": "a.wav", "label": "x"}, {"path": "sub/d.wav", "label": "x", "n": NaN}])";
  EXPECT_EQ(read("m.json", R"({"version": 1, "data": )" + rows + "}").train.size(), 2U);
}

TEST_F(Manifest, IsMeasuredOnWhatItHas) {
  write_file(folder_ / "m.csv", "path,label,split\na.wav,x,dev\nsub/d.wav,y,dev\n");
  const DataOptions options = options_of(folder_ / "m.csv");
  Dataset data = read_for_evaluation(options, "classify");
  EXPECT_EQ(select_split(data, usual_split(data)).size(), 2U);
  EXPECT_THAT(data.notes, ElementsAre(HasSubstr("no test clips: the validation split's 2 clips are evaluated")));
  write_file(folder_ / "m.csv", "path,label,split\na.wav,x,dev\nsub/d.wav,y,train\n");
  data = read_for_evaluation(options, "classify");
  EXPECT_EQ(usual_split(data), "test") << "what a model may have been trained on is not taken unasked";
}

TEST_F(Manifest, IsMeasuredAsItIs) {
  write_file(folder_ / "m.csv", "path,label,split\na.wav,x,test\nsub/d.wav,y,\n");
  const DataOptions options = options_of(folder_ / "m.csv");
  Dataset data = read_for_evaluation(options, "classify");
  EXPECT_EQ(select_split(data, "test").size(), 1U);
  EXPECT_THAT(data.notes, Contains(HasSubstr("1 clip in no split: --split test leaves out what --split all takes")));
  EXPECT_EQ(select_split(data, "all").size(), 2U);
  EXPECT_THROW(select_split(data, "train"), Error);
  write_file(folder_ / "m.csv", "path,label\na.wav,x\nsub/d.wav,y\n");
  data = read_for_evaluation(options, "classify");
  EXPECT_EQ(select_split(data, "test").size(), 2U);
  EXPECT_THAT(data.notes, ElementsAre(HasSubstr("no splits: all its 2 clips are evaluated")));
  EXPECT_THROW(select_split(data, "valid"), Error);
}

TEST_F(Manifest, SpeakersFromFileNames) {
  write_wav(folder_ / "anna_1.wav", some_speech());
  options_.speaker_pattern = "([a-z]+)_[0-9]";
  EXPECT_EQ(read("m.csv", "path,label\nanna_1.wav,x\n").train.at(0).speaker, "anna");
  EXPECT_THAT(error_of("m.csv", "path,label\nanna_1.wav,x\na.wav,x\n"),
              HasSubstr("finds no speaker in 1 of 2 paths, e.g. a.wav"));
  EXPECT_THAT(error_of("m.csv", "path,label,speaker\nanna_1.wav,x,y\n"), HasSubstr("has a column of speakers"));
  options_.speaker_pattern = "([a-z]+";
  EXPECT_THAT(error_of("m.csv", "path,label\nanna_1.wav,x\n"), HasSubstr("not a regular expression"));
  options_.speaker_pattern = "[a-z]+";
  EXPECT_THAT(error_of("m.csv", "path,label\nanna_1.wav,x\n"), HasSubstr("no group"));
}

TEST_F(Manifest, MutatedFilesAreReadOrRefused) {
  const char* seconds = std::getenv("SURE_FUZZ_SECONDS");
  const auto deadline =
      std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds ? std::atof(seconds) : 2);
  const std::pair<const char*, std::string> seeds[] = {
      {"f.csv",
       "path,label,speaker,split\n\"a.wav\",x,s1,train\nsub/d.wav,\"y \"\"q\"\"\",s2,test\r\n\na.wav,x,s1,dev\n"},
      {"f.tsv", "path\tlabel\tsplit\na.wav\tx\ttrain\nsub/d.wav\ty\ttest\r\na.wav\tx\tdev\n"},
      {"f.jsonl",
       "{\"path\": \"a.wav\", \"label\": \"x\", \"split\": \"train\"}\n{\"path\": \"sub/d.wav\", \"label\": 3}\n"},
  };
  const std::string alphabet = "\",\t\r\n{}[]:\\u0\xEF\xBB\xBF\xC3\xFF./aw\0-9";
  std::mt19937 random(1314);
  const auto below = [&](size_t n) { return static_cast<size_t>(random() % std::max<size_t>(n, 1)); };
  allow_missing_ = true;
  int read_whole = 0, refused = 0;
  while (std::chrono::steady_clock::now() < deadline) {
    const auto& [name, seed] = seeds[below(3)];
    std::string text = seed;
    for (size_t edits = 1 + below(6); edits > 0; --edits) {
      const size_t at = below(text.size());
      switch (below(4)) {
        case 0:
          text.insert(at, 1, alphabet[below(alphabet.size())]);
          break;
        case 1:
          text.erase(at, 1 + below(8));
          break;
        case 2:
          text.insert(at, text.substr(below(text.size()), below(40)));
          break;
        default:
          if (!text.empty()) text[at] = static_cast<char>(random());
      }
    }
    try {
      for (const Example& e : read(name, text).train) ASSERT_TRUE(fs::is_regular_file(e.path));
      ++read_whole;
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(read_whole, 0);
  EXPECT_GT(refused, 0);
}

}  // namespace sure::test
