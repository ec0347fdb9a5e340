#include "vocoder/hifigan.h"

#include <gtest/gtest.h>

#include <functional>

#include "core/atomic_file.h"
#include "formats/safetensors.h"
#include "tests/support/close.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"
#include "vocoder/hifigan_files.h"
#include "vocoder/vocoder_stream.h"

namespace sure {
namespace {

nlohmann::json small_config(const std::string& resblock = "1") {
  return {{"resblock", resblock},
          {"num_mels", 8},
          {"upsample_rates", {4, 2}},
          {"upsample_kernel_sizes", {8, 4}},
          {"upsample_initial_channel", 16},
          {"resblock_kernel_sizes", {3, 5}},
          {"resblock_dilation_sizes", {{1, 2}, {2, 6}}},
          {"sampling_rate", 22050}};
}

/// Random weights that pass sound through.
HifiGan small_generator(const nlohmann::json& json, ParameterList& built) {
  const auto source = seeded_source(3);
  HifiGan generator(Scope(*source, built), parse_hifigan_config(json, "config.json"));
  for (NamedTensor& tensor : built) tensor.value.uniform_(-0.3, 0.3);
  return generator;
}

class HifiGanOf : public ::testing::TestWithParam<const char*> {};

TEST_P(HifiGanOf, ChunksAreEqualToTheWhole) {
  torch::manual_seed(5);
  ParameterList built;
  const HifiGan generator = small_generator(small_config(GetParam()), built);
  const Tensor mel = torch::randn({60, 8});
  const Tensor whole = generator.forward(mel);
  ASSERT_EQ(whole.size(0), 60 * 8);
  for (const int64_t chunk : {1, 7, 16, 100}) {
    VocoderStream stream(generator, chunk);
    std::vector<Tensor> parts;
    for (const Tensor& part : mel.split(9)) parts.push_back(stream.feed(part));
    parts.push_back(stream.finish());
    const Tensor found = torch::cat(parts);
    ASSERT_EQ(found.sizes(), whole.sizes()) << chunk;
    EXPECT_LT((found - whole).abs().max().item<float>(), 1e-5) << chunk;
  }
}

TEST_P(HifiGanOf, ReachesAsFarAsItSays) {
  torch::manual_seed(6);
  ParameterList built;
  const HifiGan generator = small_generator(small_config(GetParam()), built);
  const int64_t reach = generator.reach(), middle = 2 * reach;
  Tensor mel = torch::randn({4 * reach, 8});
  const Tensor before = generator.forward(mel);
  mel[middle] += 1;
  const Tensor changed = (generator.forward(mel) - before).abs().view({-1, 8}).amax(1).nonzero().flatten();
  EXPECT_GE(changed[0].item<int64_t>(), middle - reach);
  EXPECT_LE(changed[-1].item<int64_t>(), middle + reach);
}

INSTANTIATE_TEST_SUITE_P(Blocks, HifiGanOf, testing::Values("1", "2"));

TEST(HifiGan, StreamIsAsNewAfterTheEnd) {
  ParameterList built;
  const HifiGan generator = small_generator(small_config(), built);
  const Tensor mel = torch::randn({30, 8});
  VocoderStream stream(generator, 8);
  const Tensor first = torch::cat({stream.feed(mel), stream.finish()});
  EXPECT_TRUE(torch::equal(torch::cat({stream.feed(mel), stream.finish()}), first));
  EXPECT_EQ(stream.finish().size(0), 0);
}

TEST(HifiGan, WeightNormIsFolded) {
  torch::manual_seed(7);
  const Tensor v = torch::randn({6, 4, 3}), g = torch::rand({6, 1, 1});
  const Tensor expected = v * g / v.flatten(1).norm(2, 1).view({6, 1, 1});
  for (const auto& [gain, direction] : std::vector<std::pair<std::string, std::string>>{
           {"weight_g", "weight_v"}, {"parametrizations.weight.original0", "parametrizations.weight.original1"}}) {
    const ParameterList folded = fold_weight_norm({{"ups.0." + gain, g}, {"ups.0." + direction, v}});
    ASSERT_EQ(folded.size(), 1U);
    EXPECT_EQ(folded[0].name, "upsampler.0.weight");
    EXPECT_LT(test::relative_error(folded[0].value, expected), 1e-6);
  }
}

std::string refusal(const std::function<void(nlohmann::json&)>& change) {
  nlohmann::json json = small_config();
  change(json);
  return test::message_of([&] { parse_hifigan_config(json, "config.json"); });
}

TEST(HifiGan, RefusesWhatIsNoGenerator) {
  EXPECT_NE(refusal([](auto& j) { j["upsample_kernel_sizes"] = {7, 4}; }).find("even number"), std::string::npos);
  EXPECT_NE(refusal([](auto& j) { j["upsample_initial_channel"] = 2; }).find("divisible"), std::string::npos);
  EXPECT_NE(refusal([](auto& j) { j["resblock"] = "3"; }).find("resblock"), std::string::npos);
  EXPECT_NE(refusal([](auto& j) { j["model_type"] = "bert"; }).find("is no vocoder"), std::string::npos);
  EXPECT_NE(refusal([](auto& j) { j["num_mels"] = "many"; }).find("wrong type"), std::string::npos);
}

/// A Hugging Face folder with these tensors.
void write_model(const std::filesystem::path& folder, ParameterList tensors) {
  nlohmann::json json = small_config();
  json["model_type"] = "speecht5_hifigan";
  json["model_in_dim"] = 8;
  json["normalize_before"] = false;
  write_file(folder / "config.json", json.dump());
  write_safetensors(folder / "model.safetensors", tensors);
}

TEST(HifiGan, LoadsWhatItWasWrittenAs) {
  const test::TemporaryFolder folder;
  ParameterList built;
  const HifiGan generator = small_generator(small_config(), built);
  write_model(folder.path(), built);
  const Tensor mel = torch::randn({20, 8});
  EXPECT_TRUE(torch::equal(load_vocoder(folder.path())->forward(mel), generator.forward(mel)));
}

TEST(HifiGan, RefusesBrokenFiles) {
  const test::TemporaryFolder folder;
  EXPECT_NE(test::message_of([&] { load_vocoder(folder / "none"); }).find("no such vocoder"), std::string::npos);
  EXPECT_NE(test::message_of([&] { load_vocoder(folder.path()); }).find("config.json"), std::string::npos);
  write_file(folder / "config.json", small_config().dump());
  EXPECT_NE(test::message_of([&] { load_vocoder(folder.path()); }).find("holds no vocoder"), std::string::npos);
  ParameterList built;
  small_generator(small_config(), built);
  built.front().value.fill_(NAN);
  write_model(folder.path(), built);
  EXPECT_NE(test::message_of([&] { load_vocoder(folder.path()); }).find("conv_pre"), std::string::npos);
}

TEST(HifiGan, OtherSpectrogramsAreRefused) {
  ParameterList built;
  const HifiGan generator = small_generator(small_config(), built);
  check_mel(generator, generator.mel(), "vocoder");
  const std::string message = test::message_of([&] { check_mel(generator, speecht5_mel(), "vocoder"); });
  EXPECT_NE(message.find("log10"), std::string::npos) << message;
}

}  // namespace
}  // namespace sure
