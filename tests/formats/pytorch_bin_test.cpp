#include <gmock/gmock.h>

#include <map>

#include "core/atomic_file.h"
#include "formats/checkpoint_folder.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"

namespace sure::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

/// Made by tools/make_pytorch_bin_fixtures.py.
const fs::path kGolden = fs::path(SURE_SOURCE_DIR) / "tests/formats/golden";

std::map<std::string, Tensor> read(const std::string& name) {
  std::map<std::string, Tensor> tensors;
  for (const NamedTensor& tensor : read_pytorch_bin(kGolden / name)) tensors.emplace(tensor.name, tensor.value);
  return tensors;
}

std::string message(const fs::path& path) {
  return message_of([&] { read_pytorch_bin(path); });
}

TEST(PytorchBin, ReadsTheStateDictOfAModule) {
  const ParameterList tensors = read_pytorch_bin(kGolden / "state_dict.bin");
  ASSERT_EQ(tensors.size(), 2U);
  EXPECT_EQ(tensors[0].name, "weight");
  EXPECT_TRUE(at::equal(tensors[0].value, at::arange(6, at::kFloat).reshape({3, 2})));
  EXPECT_EQ(tensors[1].name, "bias");
  EXPECT_TRUE(at::equal(tensors[1].value, at::arange(3, at::kFloat)));
}

TEST(PytorchBin, ReadsEveryDtype) {
  auto tensors = read("kinds.bin");
  const std::map<std::string, at::ScalarType> dtypes = {
      {"float64", at::kDouble}, {"float32", at::kFloat}, {"float16", at::kHalf}, {"bfloat16", at::kBFloat16},
      {"int64", at::kLong},     {"int32", at::kInt},     {"int16", at::kShort},  {"int8", at::kChar},
      {"uint8", at::kByte},     {"bool", at::kBool}};
  for (const auto& [name, dtype] : dtypes) {
    EXPECT_EQ(tensors[name].scalar_type(), dtype);
    EXPECT_TRUE(at::equal(tensors[name], at::arange(4, at::kLong).to(dtype))) << name;
  }
}

TEST(PytorchBin, ReadsParametersStridesScalarsAndEmptyTensors) {
  auto tensors = read("kinds.bin");
  EXPECT_TRUE(at::equal(tensors["parameter"], at::arange(2, at::kFloat)));
  EXPECT_FALSE(tensors["parameter"].requires_grad());
  EXPECT_TRUE(at::equal(tensors["transposed"], at::arange(6, at::kBFloat16).reshape({2, 3}).t()));
  EXPECT_EQ(tensors["scalar"].dim(), 0);
  EXPECT_EQ(tensors["scalar"].item<int64_t>(), 7);
  EXPECT_EQ(tensors["empty"].sizes(), (std::vector<int64_t>{0, 3}));
}

TEST(PytorchBin, TensorsThatSharedAStorageStillDo) {
  auto tensors = read("kinds.bin");
  EXPECT_TRUE(at::equal(tensors["view"], at::arange(4, 8, at::kFloat).reshape({2, 2})));
  EXPECT_TRUE(tensors["view"].is_alias_of(tensors["whole"]));
  EXPECT_FALSE(tensors["view"].is_alias_of(tensors["float32"]));
}

TEST(PytorchBin, ACommandInThePickleIsNamedAndNotRun) {
  EXPECT_THAT(message(kGolden / "command.bin"), AllOf(HasSubstr("command.bin"), HasSubstr("posix.system")));
  EXPECT_FALSE(fs::exists("sure_was_here"));
}

TEST(PytorchBin, RefusesOtherContents) {
  EXPECT_THAT(message(kGolden / "legacy.bin"), AllOf(HasSubstr("legacy.bin"), HasSubstr("torch.load")));
  EXPECT_THAT(message(kGolden / "training_state.bin"), HasSubstr("the value of \"model\" is no tensor"));
  EXPECT_THAT(message(kGolden / "unsupported_dtype.bin"), HasSubstr("_rebuild_tensor_v3"));
  EXPECT_THAT(message(kGolden / "absent.bin"), HasSubstr("no such file"));
}

TEST(PytorchBin, FindsAStateDictUnderItsName) {
  const ParameterList tensors = read_nested_pytorch_bin(kGolden / "training_state.bin", "model");
  ASSERT_FALSE(tensors.empty());
  EXPECT_TRUE(tensors.front().value.defined());
  EXPECT_EQ(read_nested_pytorch_bin(kGolden / "state_dict.bin", "model").size(),
            read_pytorch_bin(kGolden / "state_dict.bin").size());
}

TEST(PytorchBin, EveryCutIsNoticed) {
  const TemporaryFolder folder;
  fs::copy_file(kGolden / "state_dict.bin", folder / "cut.bin");
  for (uintmax_t size = fs::file_size(folder / "cut.bin"); size-- > 0;) {
    fs::resize_file(folder / "cut.bin", size);
    EXPECT_THAT(message(folder / "cut.bin"), HasSubstr("cut.bin: ")) << size;
  }
}

TEST(PytorchBin, NamesAMissingStorage) {
  const TemporaryFolder folder;
  std::string bytes = read_file(kGolden / "state_dict.bin");
  const size_t entry = bytes.rfind("/data/1");  // in the archive's directory
  bytes[entry + 6] = '7';
  write_file(folder / "w.bin", bytes);
  EXPECT_THAT(message(folder / "w.bin"), HasSubstr("has no record \"data/1\""));
}

}  // namespace
}  // namespace sure::test
