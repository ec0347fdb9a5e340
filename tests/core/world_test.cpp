#include "core/world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/environment.h"
#include "tests/support/errors.h"
#include "tests/support/two_processes.h"

namespace sure {
namespace {

using test::in_two_processes;
using test::message_of;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(World, AloneLeavesAllAsItIs) {
  World& world = serial_world();
  Tensor values = torch::tensor({1.0F, 2.0F});
  world.all_reduce(values);
  world.broadcast(values);
  world.barrier();
  EXPECT_TRUE(values.equal(torch::tensor({1.0F, 2.0F})));
  EXPECT_TRUE(world.leads());
  EXPECT_THAT(world.all_gather("mine"), ElementsAre("mine"));
}

#if __has_include(<gloo/transport/device.h>)
TEST(World, TwoProcessesAddBroadcastAndGather) {
  in_two_processes([](World& world) {
    const auto mine = static_cast<float>(world.rank() + 1);
    Tensor sum = torch::full({5}, mine);
    world.all_reduce(sum);
    EXPECT_TRUE(sum.equal(torch::full({5}, 3.0F)));
    Tensor first = torch::full({2}, mine);
    world.broadcast(first);
    EXPECT_TRUE(first.equal(torch::full({2}, 1.0F)));
    EXPECT_THAT(world.all_gather(world.leads() ? "" : "two"), ElementsAre("", "two"));
    world.barrier();
  });
}

TEST(World, TellsThatAnotherProcessIsGone) {
  in_two_processes([](World& world) {
    if (!world.leads()) return;
    Tensor sum = torch::ones({2});
    EXPECT_THAT(message_of([&] { world.all_reduce(sum); }), HasSubstr("another of the run's 2 processes has ended"));
  });
}

TEST(World, SaysNothingOfAnotherProcessThatSaysWhy) {
  in_two_processes([](World& world) {
    if (!world.leads()) {
      EXPECT_TRUE(world.claim_failure());
      return;
    }
    Tensor sum = torch::ones({2});
    EXPECT_THROW(world.all_reduce(sum), OtherRankFailed);
  });
}
#endif

TEST(World, VariablesWithoutSenseAreRefused) {
  const test::Environment size("WORLD_SIZE", "2"), rank("RANK", "2"), host("MASTER_ADDR", nullptr);
  EXPECT_THAT(message_of([] { world_address(); }), HasSubstr("RANK is '2': expected a number from 0 to 1"));
  const test::Environment first("RANK", "0");
  EXPECT_THAT(message_of([] { world_address(); }), HasSubstr("MASTER_ADDR is not set"));
}

TEST(World, ProcessesThatSrunStartsAreOneRunWithAMasterAddress) {
  const test::Environment torchrun("WORLD_SIZE", nullptr), port("MASTER_PORT", "29500");
  const test::Environment size("SLURM_STEP_NUM_TASKS", "4"), rank("SLURM_PROCID", "3"), local("SLURM_LOCALID", "1");
  const test::Environment unrelated("MASTER_ADDR", nullptr);
  EXPECT_EQ(world_address().size, 1);
  const test::Environment one_run("MASTER_ADDR", "node1");
  const WorldAddress address = world_address();
  EXPECT_EQ(address.size, 4);
  EXPECT_EQ(address.rank, 3);
  EXPECT_EQ(address.local_rank, 1);
  EXPECT_EQ(address.host, "node1");
  const test::Environment nested("WORLD_SIZE", "2"), first("RANK", "0");  // torchrun within srun
  EXPECT_EQ(world_address().size, 2);
}

TEST(World, SharesAreConsecutive) {
  class Third : public World {
   public:
    explicit Third(int64_t rank) : rank_(rank) {}
    int64_t rank() const override { return rank_; }
    int64_t size() const override { return 3; }

   private:
    int64_t rank_;
  };
  for (const auto& [items, rank, first, count] :
       {std::tuple(4, 0, 0, 2), std::tuple(4, 1, 2, 1), std::tuple(4, 2, 3, 1), std::tuple(1, 1, 1, 0)}) {
    const Share share = share_of(items, Third(rank));
    EXPECT_EQ(share.first, first) << rank;
    EXPECT_EQ(share.count, count) << rank;
  }
}

}  // namespace
}  // namespace sure
