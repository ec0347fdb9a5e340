#include "pretrain/corpus.h"

#include <gmock/gmock.h>

#include <set>

#include "core/atomic_file.h"
#include "tests/pretrain/tiny_corpus.h"
#include "tests/support/environment.h"
#include "tests/support/errors.h"

namespace sure {
namespace {

using test::message_of;
using testing::HasSubstr;

struct Messages : TrainObserver {
  void on_message(const std::string& message) override { text += message + "\n"; }
  std::string text;
};

class CorpusTest : public testing::Test {
 protected:
  CorpusTest() { test::write_clips(folder / "audio"); }

  Corpus read() { return read_corpus(options, 1, messages); }

  std::set<std::string> names(const Corpus& corpus, bool training) {
    std::set<std::string> found;
    for (const Example& clip : corpus.part(training)) found.insert(clip.path.filename().string());
    return found;
  }

  test::TemporaryFolder folder;
  test::Environment cache{"XDG_CACHE_HOME", folder.path().c_str()};
  CorpusOptions options{{(folder / "audio").string()}, "", 0.3, 0.25};
  Messages messages;
};

TEST_F(CorpusTest, FindsFoldersFilesAndListsOnce) {
  write_file(folder / "list.txt", "audio/clip_1.wav\naudio/clip_2.wav\n");
  options.audio = {(folder / "list.txt").string(), (folder / "audio").string(), (folder / "audio/clip_3.wav").string()};
  const Corpus corpus = read();
  EXPECT_EQ(corpus.clips.size(), 12U);
  EXPECT_EQ(corpus.samples.size(), 12U);
  EXPECT_NEAR(corpus.seconds(), 12 * 0.5 + 66 * 0.05, 1e-6);
}

TEST_F(CorpusTest, LeavesOutWhatIsListedAndWhatIsShort) {
  write_file(folder / "exclude.txt", "clip_11.wav\nclip_99.wav\n");
  options.exclude = (folder / "exclude.txt").string();
  options.min_seconds = 0.6;
  const Corpus corpus = read();
  EXPECT_EQ(corpus.clips.size(), 9U);  // without 11, 0 and 1
  EXPECT_THAT(messages.text, HasSubstr("1 clips stay out"));
  EXPECT_THAT(messages.text, HasSubstr("clip_99.wav"));
  EXPECT_THAT(messages.text, HasSubstr("2 clips are shorter"));
}

TEST_F(CorpusTest, AClipKeepsItsPartWhenOthersGo) {
  const auto before = names(read(), false);
  EXPECT_FALSE(before.empty());
  EXPECT_LT(before.size(), 9U);
  std::filesystem::remove(folder / "audio/clip_0.wav");
  for (const std::string& name : names(read(), false)) EXPECT_TRUE(before.contains(name)) << name;
}

TEST_F(CorpusTest, ValidatesOnOneClipAtLeast) {
  options.valid_share = 1e-9;
  EXPECT_EQ(read().training, 11U);
  options.valid_share = 0;
  EXPECT_EQ(read().training, 12U);
}

TEST_F(CorpusTest, RefusesWhatIsNoAudio) {
  options.audio = {(folder / "absent").string()};
  EXPECT_THAT(message_of([&] { read(); }), HasSubstr("absent"));
  std::filesystem::create_directory(folder / "empty");
  options.audio = {(folder / "empty").string()};
  EXPECT_THAT(message_of([&] { read(); }), HasSubstr("no audio"));
  write_file(folder / "audio/broken.wav", "RIFF");
  options.audio = {(folder / "audio").string()};
  EXPECT_THAT(message_of([&] { read(); }), HasSubstr("broken.wav"));
  options.audio = {};
  EXPECT_THAT(message_of([&] { read(); }), HasSubstr("--audio"));
}

TEST_F(CorpusTest, RefusesWhenNothingIsLeft) {
  options.min_seconds = 60;
  EXPECT_THAT(message_of([&] { read(); }), HasSubstr("no clip is left"));
}

}  // namespace
}  // namespace sure
