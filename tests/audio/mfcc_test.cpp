#include "audio/mfcc.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "tests/support/golden.h"

namespace sure {
namespace {

TEST(Mfcc, EqualsTorchaudio) {
  for (const auto& golden : test::golden_cases("audio/golden/mfcc.json")) {
    const Tensor found = mfcc(torch::tensor(golden["samples"].get<std::vector<float>>()));
    const auto rows = golden["features"].get<std::vector<std::vector<float>>>();
    ASSERT_EQ(found.sizes(), torch::IntArrayRef({std::ssize(rows), kMfccSize})) << golden["name"];
    for (size_t t = 0; t < rows.size(); ++t) {
      const Tensor expected = torch::tensor(rows[t]);
      EXPECT_TRUE(torch::allclose(found[static_cast<int64_t>(t)], expected, 1e-4, 1e-2))
          << golden["name"] << ", frame " << t << ": off by "
          << (found[static_cast<int64_t>(t)] - expected).abs().max().item<float>();
    }
  }
}

TEST(Mfcc, RefusesLessThanOneFrame) { EXPECT_THROW(mfcc(torch::zeros({kMfccWindow - 1})), Error); }

}  // namespace
}  // namespace sure
