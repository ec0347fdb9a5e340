#include "data/length_notes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sure {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

CollateOptions cut_at(int64_t max_samples, Padding padding) {
  CollateOptions collate;
  collate.max_samples = max_samples;
  collate.padding = padding;
  return collate;
}

TEST(LengthNotes, CountsWhatIsCutAndPadded) {
  EXPECT_THAT(length_notes({48000, 48000, 40000, 16000}, cut_at(40000, Padding::max_length)),
              ElementsAre("cut to 2.5 s: 2 of 4 clips are longer", "padded to 2.5 s: 1 of 4 clips is shorter"));
  EXPECT_THAT(length_notes({48000, 16000}, cut_at(40000, Padding::longest)),
              ElementsAre("cut to 2.5 s: 1 of 2 clips is longer"));
  EXPECT_THAT(length_notes({48000}, cut_at(40000, Padding::exact)), ElementsAre("cut to 2.5 s: 1 of 1 clip is longer"));
}

TEST(LengthNotes, IsSilentWhereClipsAreHeardAsTheyAre) {
  EXPECT_THAT(length_notes({40000, 16000}, cut_at(40000, Padding::exact)), IsEmpty());
  EXPECT_THAT(length_notes({40000, 40000}, cut_at(40000, Padding::max_length)), IsEmpty());
  EXPECT_THAT(length_notes({48000, 16000}, cut_at(0, Padding::exact)), IsEmpty());
  EXPECT_THAT(length_notes({}, cut_at(40000, Padding::max_length)), IsEmpty());
}

TEST(LengthNotes, WarnsOfWholeClipsThatCostMemory) {
  EXPECT_THAT(length_notes({16000, 180 * 16000}, cut_at(0, Padding::exact)),
              ElementsAre("the longest of 2 clips has 180 s: memory grows with the square of it; --max_samples 480000 "
                          "cuts at 30 s"));
}

}  // namespace
}  // namespace sure
