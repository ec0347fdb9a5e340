#include "formats/npy.h"

#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>

#include <cstring>

#include "core/atomic_file.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"

namespace sure::test {
namespace {

struct NpyFile {
  std::string dict;
  std::string data;
};

/// Parts of a file of version 1.0.
NpyFile read_npy(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  EXPECT_EQ(bytes.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  const size_t length =
      static_cast<uint8_t>(bytes.at(8)) + 256 * static_cast<size_t>(static_cast<uint8_t>(bytes.at(9)));
  EXPECT_EQ((10 + length) % 64, 0U);
  EXPECT_EQ(bytes.at(10 + length - 1), '\n');
  return {bytes.substr(10, length), bytes.substr(10 + length)};
}

TEST(Npy, HoldsAMatrixInCOrder) {
  const TemporaryFolder folder;
  const Tensor values = at::tensor({1.5F, -2.0F, 3.0F, 4.0F, 5.0F, 6.25F}).view({2, 3});
  write_npy(folder / "a.npy", values.t());
  const NpyFile file = read_npy(folder / "a.npy");
  EXPECT_THAT(file.dict, testing::StartsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2, ), }"));
  const std::vector<float> expected = {1.5F, 4.0F, -2.0F, 5.0F, 3.0F, 6.25F};
  ASSERT_EQ(file.data.size(), expected.size() * sizeof(float));
  EXPECT_EQ(std::memcmp(file.data.data(), expected.data(), file.data.size()), 0);
}

TEST(Npy, HoldsAVectorAndNothing) {
  const TemporaryFolder folder;
  write_npy(folder / "a.npy", at::zeros({4}));
  EXPECT_THAT(read_npy(folder / "a.npy").dict, testing::HasSubstr("'shape': (4, )"));
  write_npy(folder / "b.npy", at::zeros({0, 5}));
  EXPECT_TRUE(read_npy(folder / "b.npy").data.empty());
}

TEST(Npy, RefusesOtherTypes) {
  const TemporaryFolder folder;
  EXPECT_THAT(message_of([&] { write_npy(folder / "a.npy", at::zeros({2}, at::kDouble)); }),
              testing::HasSubstr("a.npy: cannot write Double values"));
  EXPECT_FALSE(std::filesystem::exists(folder / "a.npy"));
}

TEST(Npy, ReadsWhatItWrote) {
  const test::TemporaryFolder folder;
  const Tensor values = torch::randn({3, 4});
  write_npy(folder / "a.npy", values);
  EXPECT_TRUE(torch::equal(sure::read_npy(folder / "a.npy"), values));
  write_npy(folder / "b.npy", values[0]);
  EXPECT_TRUE(torch::equal(sure::read_npy(folder / "b.npy"), values[0]));
}

TEST(Npy, RefusesWhatIsNone) {
  const test::TemporaryFolder folder;
  const auto path = folder / "a.npy";
  write_npy(path, torch::randn({3, 4}));
  const std::string good = read_file(path);
  const auto refusal = [&](const std::string& bytes) {
    write_file(path, bytes);
    return test::message_of([&] { sure::read_npy(path); });
  };
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_THAT(refusal(good.substr(0, size)), testing::HasSubstr("a.npy"));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string bytes = good;
    return bytes.replace(bytes.find(from), from.size(), to);
  };
  EXPECT_THAT(refusal(with("<f4", "<i4")), testing::HasSubstr("astype"));
  EXPECT_THAT(refusal(with("False", "True ")), testing::HasSubstr("Fortran"));
  EXPECT_THAT(refusal(with("(3, 4", "(9, 4")), testing::HasSubstr("its header says"));
  EXPECT_THAT(refusal(with("(3, 4", "(x, 4")), testing::HasSubstr("damaged"));
}

}  // namespace
}  // namespace sure::test
