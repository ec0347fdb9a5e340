#include "formats/checkpoint_folder.h"

#include <gmock/gmock.h>

#include "core/atomic_file.h"
#include "formats/safetensors.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"

namespace sure::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

const fs::path kGolden = fs::path(SURE_SOURCE_DIR) / "tests/formats/golden";

std::vector<std::string> names(const ParameterList& tensors) {
  std::vector<std::string> names;
  for (const NamedTensor& tensor : tensors) names.push_back(tensor.name);
  return names;
}

void write_index(const fs::path& folder, const std::string& weight_map) {
  write_file(folder / "model.safetensors.index.json",
             R"({"metadata": {"total_size": 8}, "weight_map": )" + weight_map + "}");
}

std::string message(const fs::path& folder) {
  return message_of([&] { read_checkpoint_folder(folder); });
}

TEST(CheckpointFolder, PrefersSafetensorsToPickles) {
  const TemporaryFolder folder;
  fs::copy_file(kGolden / "state_dict.bin", folder / "pytorch_model.bin");
  EXPECT_EQ(names(read_checkpoint_folder(folder.path())), (std::vector<std::string>{"weight", "bias"}));
  write_safetensors(folder / "model.safetensors", {{"a", at::ones({1})}});
  EXPECT_EQ(names(read_checkpoint_folder(folder.path())), (std::vector<std::string>{"a"}));
}

TEST(CheckpointFolder, GathersShards) {
  const TemporaryFolder folder;
  write_safetensors(folder / "1.safetensors", {{"a", at::full({1}, 1.0)}, {"b", at::full({1}, 2.0)}});
  write_safetensors(folder / "2.safetensors", {{"c", at::full({1}, 3.0)}, {"not listed", at::full({1}, 4.0)}});
  write_index(folder.path(), R"({"a": "1.safetensors", "c": "2.safetensors", "b": "1.safetensors"})");
  const ParameterList tensors = read_checkpoint_folder(folder.path());
  EXPECT_EQ(names(tensors), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(tensors[2].value.item<float>(), 3);
}

TEST(CheckpointFolder, GathersShardsOfPickles) {
  const TemporaryFolder folder;
  fs::copy_file(kGolden / "state_dict.bin", folder / "1.bin");
  write_file(folder / "pytorch_model.bin.index.json", R"({"weight_map": {"weight": "1.bin", "bias": "1.bin"}})");
  EXPECT_EQ(read_checkpoint_folder(folder.path()).size(), 2U);
}

TEST(CheckpointFolder, NamesWhatIsMissing) {
  const TemporaryFolder folder;
  EXPECT_THAT(message(folder / "absent"), AllOf(HasSubstr("absent"), HasSubstr("no such folder")));
  EXPECT_THAT(message(folder.path()), AllOf(HasSubstr("has no weights"), HasSubstr("model.safetensors")));
  write_index(folder.path(), R"({"a": "1.safetensors"})");
  EXPECT_THAT(message(folder.path()), HasSubstr("shard \"1.safetensors\" is not in the folder"));
  write_safetensors(folder / "1.safetensors", {{"b", at::ones({1})}});
  EXPECT_THAT(message(folder.path()),
              AllOf(HasSubstr("1.safetensors: tensor \"a\" is missing"), HasSubstr("index.json")));
}

TEST(CheckpointFolder, RefusesIndexesThatLeadElsewhere) {
  const TemporaryFolder folder;
  write_safetensors(folder / "outside.safetensors", {{"a", at::ones({1})}});
  fs::create_directory(folder / "model");
  for (const char* shard : {"../outside.safetensors", "/etc/passwd", "..", "", "a\\u0000b"}) {
    write_index(folder / "model", std::string(R"({"a": ")") + shard + "\"}");
    EXPECT_THAT(message(folder / "model"), HasSubstr("is not a plain file name")) << shard;
  }
}

TEST(CheckpointFolder, RefusesIndexesOfAnotherForm) {
  const TemporaryFolder folder;
  const auto message_for = [&](const std::string& text) {
    write_file(folder / "model.safetensors.index.json", text);
    return message(folder.path());
  };
  EXPECT_THAT(message_for("{"), HasSubstr("not valid JSON"));
  EXPECT_THAT(message_for("[]"), HasSubstr("weight_map"));
  EXPECT_THAT(message_for(R"({"weight_map": []})"), HasSubstr("weight_map"));
  EXPECT_THAT(message_for(R"({"weight_map": {"a": 1}})"), HasSubstr("tensor \"a\" is no file name"));
  EXPECT_THAT(message_for(R"({"weight_map": {"a": "1", "a": "2"}})"), HasSubstr("\"a\" stands twice"));
}

TEST(Fingerprint, IsAFunctionOfNamesDtypesShapesAndBytesOnly) {
  const Tensor x = at::arange(6, at::kFloat);
  const std::string reference = fingerprint({{"a", x}, {"b", x.reshape({2, 3})}});
  EXPECT_EQ(reference.size(), 32U);
  EXPECT_EQ(reference.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(reference, fingerprint({{"b", x.reshape({2, 3}).t().contiguous().t()}, {"a", x.clone()}}));

  EXPECT_NE(reference, fingerprint({{"a", x}, {"c", x.reshape({2, 3})}}));
  EXPECT_NE(reference, fingerprint({{"a", x}, {"b", x.reshape({3, 2})}}));
  EXPECT_NE(reference, fingerprint({{"a", x}, {"b", x.reshape({2, 3}).view(at::kInt)}}));
  EXPECT_NE(reference, fingerprint({{"a", x}, {"b", x.reshape({2, 3}) + 1}}));
  EXPECT_NE(reference, fingerprint({{"a", x}}));
}

/// A trained adapter names its backbone by this hash: it must not change between versions.
TEST(Fingerprint, StaysTheSame) { EXPECT_EQ(fingerprint({{"a", at::ones({2})}}), "6e9f61d2f270a5887abc82ec301280a9"); }

}  // namespace
}  // namespace sure::test
