#include "train/shared_batches.h"

#include <gmock/gmock.h>

#include "tests/support/two_processes.h"

namespace sure {
namespace {

/// Clip n has 100 (n + 1) samples of the value n + 1, and n labelled frames of three.
Batch clips_of(const std::vector<size_t>& clips) {
  Batch batch;
  batch.indices = clips;
  batch.lengths = torch::tensor(std::vector<int64_t>(clips.begin(), clips.end())).add(1).mul(100);
  batch.audio = torch::zeros({std::ssize(clips), batch.lengths.max().item<int64_t>()});
  batch.frame_labels = torch::full({std::ssize(clips), 3}, kNoTarget, torch::kLong);
  for (size_t i = 0; i < clips.size(); ++i) {
    const auto row = static_cast<int64_t>(i), clip = static_cast<int64_t>(clips[i]);
    batch.audio[row].narrow(0, 0, 100 * (clip + 1)).fill_(clip + 1);
    batch.frame_labels[row].narrow(0, 0, clip).fill_(1);
  }
  return batch;
}

TEST(SharedBatches, OfOneProcessAreWhole) {
  SharedBatches batches({{0, 2}, {1}}, clips_of, serial_world());
  Batch batch;
  ASSERT_TRUE(batches.next(batch));
  EXPECT_FALSE(batch.whole);
  EXPECT_THAT(batch.indices, testing::ElementsAre(0, 2));
  ASSERT_TRUE(batches.next(batch));
  EXPECT_THAT(batch.indices, testing::ElementsAre(1));
}

#if __has_include(<gloo/transport/device.h>)
TEST(SharedBatches, EachProcessHasItsRowsAsLongAsTheLongestOfAll) {
  test::in_two_processes([](World& world) {
    SharedBatches batches({{0, 1, 3}, {2}}, clips_of, world);
    Batch batch;
    ASSERT_TRUE(batches.next(batch));
    EXPECT_EQ(batch.whole->first_row, world.leads() ? 0 : 2);
    EXPECT_TRUE(batch.whole->lengths.equal(torch::tensor({100, 200, 400}))) << batch.whole->lengths;
    EXPECT_EQ(batch.whole->labelled, 0 + 1 + 3);
    EXPECT_EQ(batch.audio.size(0), world.leads() ? 2 : 1);
    EXPECT_EQ(batch.audio.size(1), 400);
    EXPECT_EQ(batch.audio[0].sum().item<float>(), world.leads() ? 100 : 1600);
    EXPECT_EQ(batches.next(batch), world.leads());
    EXPECT_TRUE(batch.whole->lengths.equal(torch::tensor({300})));
  });
}
#endif

}  // namespace
}  // namespace sure
