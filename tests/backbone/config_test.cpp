#include "backbone/config.h"

#include <gmock/gmock.h>

#include "core/atomic_file.h"
#include "tests/support/errors.h"
#include "tests/support/files.h"

namespace sure {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

std::string refusal(const json& config) {
  return test::message_of([&] { parse_backbone_config(config, "config.json"); });
}

TEST(BackboneConfig, HasTransformersDefaults) {
  const BackboneConfig config = parse_backbone_config(json::object(), "config.json");
  EXPECT_EQ(config.hidden_size, 768);
  EXPECT_EQ(config.frames(40000), 124);
  EXPECT_FALSE(config.do_stable_layer_norm);
}

TEST(BackboneConfig, NullMeansTheDefault) {
  EXPECT_EQ(parse_backbone_config({{"adapter_attn_dim", nullptr}}, "config.json").adapter_attn_dim, 0);
}

TEST(BackboneConfig, RefusesWhatMakesNoSenseAndNamesTheKey) {
  EXPECT_THAT(refusal({{"hidden_size", "large"}}), AllOf(HasSubstr("config.json"), HasSubstr("'hidden_size'")));
  EXPECT_THAT(refusal({{"num_attention_heads", 7}}), HasSubstr("'num_attention_heads'"));
  EXPECT_THAT(refusal({{"conv_dim", {512}}}), HasSubstr("'conv_dim'"));
  EXPECT_THAT(refusal({{"feat_extract_norm", "batch"}}), HasSubstr("'feat_extract_norm'"));
  EXPECT_THAT(refusal({{"hidden_act", "tanhish"}}), HasSubstr("tanhish"));
  EXPECT_THAT(refusal({{"add_adapter", true}}), HasSubstr("'add_adapter'"));
  EXPECT_THAT(refusal({{"activation_dropout", 1.5}}), HasSubstr("'activation_dropout'"));
  EXPECT_THAT(refusal({{"num_hidden_layers", 2.5}}), HasSubstr("'num_hidden_layers' is 2.5, expected whole numbers"));
  EXPECT_THAT(refusal({{"conv_stride", {5, 2, 2, 2, 2, 2, 1e300}}}), HasSubstr("'conv_stride' is [5,2"));
  EXPECT_EQ(parse_backbone_config({{"hidden_size", 768.0}}, "config.json").hidden_size, 768);
}

TEST(BackboneConfig, FolderNeedsAConfig) {
  const test::TemporaryFolder folder;
  EXPECT_THAT(test::message_of([&] { read_backbone_config(folder / "absent"); }), HasSubstr("no such folder"));
  EXPECT_THAT(test::message_of([&] { read_backbone_config(folder.path()); }), HasSubstr("no config.json"));
  write_file(folder / "config.json", "{\"hidden_size\": ");
  EXPECT_THAT(test::message_of([&] { read_backbone_config(folder.path()); }), HasSubstr("not valid JSON"));
}

TEST(BackboneConfig, RefusesAnotherArchitectureAndSizesThatNoModelHas) {
  EXPECT_THAT(refusal({{"model_type", "whisper"}, {"architectures", {"WhisperModel"}}}),
              HasSubstr("config.json: model_type 'whisper' (WhisperModel): sure reads wav2vec2, hubert"));
  EXPECT_THAT(refusal({{"num_hidden_layers", 1000000000}}), HasSubstr("'num_hidden_layers' is out of range"));
  EXPECT_THAT(refusal({{"tdnn_dim", {512, 512, 512, 512, 1 << 30}}}), HasSubstr("'tdnn_dim' is out of range"));
}

TEST(BackboneConfig, ReadsTheFeatureExtractorOfAProcessor) {
  const test::TemporaryFolder folder;
  write_file(folder / "config.json", "{}");
  write_file(folder / "preprocessor_config.json", R"({"do_normalize": true})");
  write_file(folder / "processor_config.json", R"({"processor_class": "Wav2Vec2Processor"})");
  EXPECT_TRUE(read_backbone_config(folder.path()).do_normalize);
  write_file(folder / "processor_config.json",
             R"({"feature_extractor": {"do_normalize": false, "return_attention_mask": true}})");
  const BackboneConfig config = read_backbone_config(folder.path());
  EXPECT_FALSE(config.do_normalize);
  EXPECT_TRUE(config.return_attention_mask);
  EXPECT_EQ(config.raw_preprocessor["do_normalize"], false);
  write_file(folder / "processor_config.json", R"({"feature_extractor": {"sampling_rate": 8000}})");
  EXPECT_THAT(test::message_of([&] { read_backbone_config(folder.path()); }),
              AllOf(HasSubstr("processor_config.json"), HasSubstr("8000 Hz")));
}

TEST(BackboneConfig, ReadsThePreprocessor) {
  const test::TemporaryFolder folder;
  write_file(folder / "config.json", "{}");
  write_file(folder / "preprocessor_config.json", R"({"do_normalize": false, "return_attention_mask": true})");
  const BackboneConfig config = read_backbone_config(folder.path());
  EXPECT_FALSE(config.do_normalize);
  EXPECT_TRUE(config.return_attention_mask);
  write_file(folder / "preprocessor_config.json", R"({"sampling_rate": 8000})");
  EXPECT_THAT(test::message_of([&] { read_backbone_config(folder.path()); }), HasSubstr("sampling_rate"));
}

}  // namespace
}  // namespace sure
