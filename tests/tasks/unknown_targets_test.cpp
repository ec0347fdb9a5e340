#include "tasks/unknown_targets.h"

#include <gmock/gmock.h>

#include "tests/support/datasets.h"
#include "tests/support/errors.h"

namespace sure {
namespace {

using testing::HasSubstr;

struct Case {
  std::string task;
  Labels labels;

  std::string leave_out(std::vector<Example>& examples) const {
    const Task& row = find_task(task);
    return leave_out_unknown_targets(row, labels, *row.make_objective(labels, std::nullopt), examples);
  }
};

const Case kAnimals = {"classify", {"cat", "dog"}};

TEST(UnknownTargets, OthersAreLeftOutAndTold) {
  std::vector<Example> examples = test::examples_with({"cat", "cow", "bird", "dog", "bird"});
  EXPECT_EQ(kAnimals.leave_out(examples),
            "3 of 5 clips have labels that the model does not know: bird 2, cow 1; they are left out");
  EXPECT_EQ(examples.size(), 2U);
  EXPECT_EQ(kAnimals.leave_out(examples), "");
  EXPECT_EQ(examples.size(), 2U);
}

TEST(UnknownTargets, OneIsOne) {
  std::vector<Example> examples = test::examples_with({"cat", "cow"});
  EXPECT_EQ(kAnimals.leave_out(examples),
            "1 of 2 clips has a label that the model does not know: cow 1; it is left out");
}

TEST(UnknownTargets, ManyAreNotAllNamed) {
  std::vector<Example> examples = test::examples_with({"cat", "a", "b", "c", "d", "e", "f"});
  EXPECT_THAT(kAnimals.leave_out(examples), HasSubstr("a 1, b 1, c 1, d 1, e 1 and 1 more; they are left out"));
}

TEST(UnknownTargets, NoneLeftIsAnError) {
  std::vector<Example> examples = test::examples_with({"cow", "cow"});
  EXPECT_THAT(
      test::message_of([&] { kAnimals.leave_out(examples); }),
      HasSubstr("no clip is left to measure: 2 clips with a label that the model does not know (cow 2); it knows "
                "cat, dog"));
}

TEST(UnknownTargets, AnyPartOfAnIntentAndAnyTranscript) {
  std::vector<Example> intents = test::examples_with({"on|heat|none", "on|lights|none"});
  const Case intent = {"intent", {"action:on", "object:heat", "location:none"}};
  EXPECT_THAT(intent.leave_out(intents), HasSubstr("on|lights|none 1"));
  std::vector<Example> transcripts = test::examples_with({"a", "日本"});
  const Case asr = {"asr", {"<pad>", "|", "a"}};
  EXPECT_EQ(asr.leave_out(transcripts),
            "1 of 2 clips has a transcript of which the model knows no character: 日本 1; it is left out");
}

TEST(UnknownTargets, StrangersAreWhatVerificationMeasures) {
  std::vector<Example> voices = test::examples_with({"x", "y"});
  EXPECT_EQ((Case{"verification", {"a"}}.leave_out(voices)), "");
  EXPECT_EQ(voices.size(), 2U);
}

}  // namespace
}  // namespace sure
