#include "formats/peft_adapter.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "core/atomic_file.h"
#include "core/strict_json.h"
#include "formats/safetensors.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"

namespace sure::test {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

/// Written by PEFT: tools/make_pytorch_bin_fixtures.py.
const fs::path kGolden = fs::path(SURE_SOURCE_DIR) / "tests/formats/golden/peft";
const std::string kQuery = "wav2vec2.encoder.layers.0.attention.q_proj.";

json golden_config() { return parse_json(read_file(kGolden / "adapter_config.json"), "golden"); }

std::vector<std::string> names(const ParameterList& tensors) {
  std::vector<std::string> names;
  for (const NamedTensor& tensor : tensors) names.push_back(tensor.name);
  std::sort(names.begin(), names.end());
  return names;
}

PeftAdapter small_adapter() {
  PeftAdapter adapter;
  adapter.rank = 2;
  adapter.alpha = 1;
  adapter.target_modules = {"q_proj"};
  adapter.modules_to_save = {"projector", "classifier"};
  adapter.base_model = "some/folder";
  adapter.tensors = {{kQuery + "lora_A.weight", at::ones({2, 8})},
                     {kQuery + "lora_B.weight", at::ones({8, 2})},
                     {"classifier.weight", at::ones({3, 4})}};
  return adapter;
}

TEST(PeftAdapter, ReadsWhatPeftWrote) {
  ASSERT_TRUE(is_peft_folder(kGolden));
  const PeftAdapter adapter = read_peft_adapter(kGolden);
  EXPECT_EQ(adapter.rank, 2);
  EXPECT_EQ(adapter.alpha, 1);
  EXPECT_FALSE(adapter.rank_stabilised);
  EXPECT_THAT(adapter.target_modules, ElementsAre("q_proj", "v_proj")) << "from a regular expression";
  EXPECT_THAT(adapter.modules_to_save, ElementsAre("projector", "classifier"));
  const std::string value = "wav2vec2.encoder.layers.0.attention.v_proj.";
  EXPECT_THAT(names(adapter.tensors),
              ElementsAre("classifier.bias", "classifier.weight", "projector.bias", "projector.weight",
                          kQuery + "lora_A.weight", kQuery + "lora_B.weight", value + "lora_A.weight",
                          value + "lora_B.weight"));
  for (const NamedTensor& tensor : adapter.tensors) EXPECT_TRUE((tensor.value == 0.5).all().item<bool>());
}

TEST(PeftAdapter, WritesTheNamesAndKeysOfPeft) {
  const TemporaryFolder folder;
  PeftAdapter adapter = read_peft_adapter(kGolden);
  write_peft_adapter(folder.path(), adapter);
  const TensorFile golden = read_safetensors(kGolden / "adapter_model.safetensors");
  const TensorFile written = read_safetensors(folder / "adapter_model.safetensors");
  EXPECT_EQ(names(written.tensors), names(golden.tensors));
  EXPECT_EQ(written.metadata, golden.metadata);
  const json config = parse_json(read_file(folder / "adapter_config.json"), "written");
  for (const auto& item : config.items()) EXPECT_TRUE(golden_config().contains(item.key())) << item.key();
}

TEST(PeftAdapter, ReadsBackWhatItWrote) {
  const TemporaryFolder folder;
  PeftAdapter written = small_adapter();
  written.rank_stabilised = true;
  write_peft_adapter(folder.path(), written);
  const PeftAdapter read = read_peft_adapter(folder.path());
  EXPECT_EQ(read.rank, 2);
  EXPECT_EQ(read.alpha, 1);
  EXPECT_TRUE(read.rank_stabilised);
  EXPECT_EQ(read.target_modules, written.target_modules);
  EXPECT_EQ(read.modules_to_save, written.modules_to_save);
  EXPECT_EQ(read.base_model, "some/folder");
  EXPECT_EQ(names(read.tensors), names(written.tensors));
}

TEST(PeftAdapter, ReadsBackScales) {
  const TemporaryFolder folder;
  PeftAdapter written = small_adapter();
  written.type = PeftType::ia3;
  written.feedforward_modules = {"output_dense"};
  written.tensors = {{kQuery + "ia3_l", at::ones({8, 1})}, {"classifier.weight", at::ones({3, 4})}};
  write_peft_adapter(folder.path(), written);
  const PeftAdapter read = read_peft_adapter(folder.path());
  EXPECT_EQ(read.type, PeftType::ia3);
  EXPECT_THAT(names(ia3_scales(read)), ElementsAre("wav2vec2.encoder.layers.0.attention.q_proj"));
  EXPECT_THAT(names(saved_modules(read)), ElementsAre("classifier.weight"));
  const json config = parse_json(read_file(folder / "adapter_config.json"), "written");
  EXPECT_EQ(config["feedforward_modules"], json({"output_dense"}));
  EXPECT_FALSE(config.contains("r"));
}

TEST(PeftAdapter, FallsBackToThePickle) {
  const TemporaryFolder folder;
  write_peft_adapter(folder.path(), small_adapter());
  fs::remove(folder / "adapter_model.safetensors");
  const auto read = [&] { read_peft_adapter(folder.path()); };
  EXPECT_THAT(message_of(read), HasSubstr("neither adapter_model.safetensors nor adapter_model.bin"));
  fs::copy_file(kGolden.parent_path() / "state_dict.bin", folder / "adapter_model.bin");
  EXPECT_THAT(message_of(read),
              AllOf(HasSubstr("adapter_model.bin: tensor \"weight\""), HasSubstr("base_model.model.")));
}

struct Refused {
  const char* key;
  json value;
};

void PrintTo(const Refused& refused, std::ostream* out) { *out << refused.key; }

class RefusedConfig : public testing::TestWithParam<Refused> {};

TEST_P(RefusedConfig, NamesTheKey) {
  const TemporaryFolder folder;
  fs::copy(kGolden, folder.path());
  json config = golden_config();
  config[GetParam().key] = GetParam().value;
  write_file(folder / "adapter_config.json", config.dump());
  const std::string message = message_of([&] { read_peft_adapter(folder.path()); });
  EXPECT_THAT(message, AllOf(HasSubstr("adapter_config.json: "), HasSubstr(GetParam().key)));
}

INSTANTIATE_TEST_SUITE_P(PeftAdapter, RefusedConfig,
                         testing::Values(Refused{"peft_type", "PREFIX_TUNING"}, Refused{"peft_type", 3},
                                         Refused{"use_dora", true}, Refused{"lora_bias", true}, Refused{"bias", "all"},
                                         Refused{"rank_pattern", {{"q_proj", "four"}}},
                                         Refused{"alpha_pattern", json::array({3})}, Refused{"use_qalora", true},
                                         Refused{"init_lora_weights", "pissa_niter_4"}, Refused{"r", 0},
                                         Refused{"r", "eight"}, Refused{"lora_alpha", json::array()},
                                         Refused{"modules_to_save", "classifier"}, Refused{"target_modules", {1, 2}}));

TEST(PeftAdapter, QuotesValuesOnce) {
  const TemporaryFolder folder;
  fs::copy(kGolden, folder.path());
  for (const auto& [value, shown] :
       std::vector<std::pair<json, std::string>>{{"all", "'bias' is \"all\";"}, {3, "'bias' is 3;"}}) {
    json config = golden_config();
    config["bias"] = value;
    write_file(folder / "adapter_config.json", config.dump());
    EXPECT_THAT(message_of([&] { read_peft_adapter(folder.path()); }), HasSubstr(shown));
  }
}

TEST(PeftAdapter, RefusesFoldersThatAreNone) {
  const TemporaryFolder folder;
  EXPECT_FALSE(is_peft_folder(folder.path()));
  EXPECT_THAT(message_of([&] { read_peft_adapter(folder.path()); }), HasSubstr("adapter_config.json"));
  write_file(folder / "adapter_config.json", "[]");
  EXPECT_THAT(message_of([&] { read_peft_adapter(folder.path()); }), HasSubstr("expected a JSON object"));
}

}  // namespace
}  // namespace sure::test
