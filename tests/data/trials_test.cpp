#include "data/trials.h"

#include <gmock/gmock.h>

#include "core/atomic_file.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"

namespace sure::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Trials : public testing::Test {
 protected:
  std::vector<Trial> read(const std::string& text) const {
    write_file(folder_ / "trials.txt", text);
    return read_trials(folder_ / "trials.txt");
  }

  std::string error_of(const std::string& text) const {
    return message_of([&] { read(text); });
  }

  TemporaryFolder folder_;
};

void expect_trial(const Trial& trial, const std::string& first, const std::string& second,
                  std::optional<bool> same_speaker, int64_t line) {
  EXPECT_EQ(trial.first, first);
  EXPECT_EQ(trial.second, second);
  EXPECT_EQ(trial.same_speaker, same_speaker);
  EXPECT_EQ(trial.line, line);
}

TEST_F(Trials, VoxCelebPutsTheLabelFirst) {
  const auto trials = read("1 id1/a.wav id1/b.wav\r\n\n0 id1/a.wav  id2/c.wav");
  ASSERT_EQ(trials.size(), 2U);
  expect_trial(trials[0], "id1/a.wav", "id1/b.wav", true, 1);
  expect_trial(trials[1], "id1/a.wav", "id2/c.wav", false, 3);
}

TEST_F(Trials, KaldiPutsItLast) {
  const auto trials = read("a.wav b.wav target\na.wav c.wav nontarget\n");
  ASSERT_EQ(trials.size(), 2U);
  expect_trial(trials[0], "a.wav", "b.wav", true, 1);
  expect_trial(trials[1], "a.wav", "c.wav", false, 2);
}

TEST_F(Trials, NeedNoLabels) { expect_trial(read("a.wav b.wav\n").at(0), "a.wav", "b.wav", std::nullopt, 1); }

TEST_F(Trials, TabsPartNamesWithSpaces) {
  expect_trial(read("my voice.wav\tb c.wav\ttarget\n").at(0), "my voice.wav", "b c.wav", true, 1);
}

TEST_F(Trials, ErrorsNameFileAndLine) {
  EXPECT_THAT(error_of("1 a b\n1 a\n1 b c d\n"), HasSubstr("trials.txt:2: this line has no label"));
  EXPECT_THAT(error_of("a b\na\n"), AllOf(HasSubstr("trials.txt:2: found 1 fields"), HasSubstr("\"A B\"")));
  EXPECT_THAT(error_of("1 a b c\n"), HasSubstr("trials.txt:1: found 4 fields"));
  EXPECT_THAT(error_of("a b imposter\n"), HasSubstr("trials.txt:1: neither 'a' nor 'imposter' is a label"));
  EXPECT_THAT(error_of("a b\n1 a b\n"), HasSubstr("trials.txt:2: this line has a label, the first one has none"));
  EXPECT_THAT(error_of("\n \n"), HasSubstr("trials.txt: the list is empty"));
  EXPECT_THAT(message_of([&] { read_trials(folder_ / "none.txt"); }), HasSubstr("none.txt"));
}

}  // namespace
}  // namespace sure::test
