#include <gmock/gmock.h>

#include "backbone/backbone.h"
#include "formats/checkpoint_folder.h"
#include "tests/support/errors.h"
#include "tests/support/tiny_models.h"

namespace sure {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// A tiny model's folder whose tensors a test may change.
class LoadBackbone : public testing::Test {
 protected:
  LoadBackbone() {
    test::write_tiny_model(test::tiny_shape("wav2vec2_base"), folder_.path());
    for (const NamedTensor& t : read_checkpoint_folder(folder_.path())) tensors_.push_back({t.name, t.value.clone()});
  }

  LoadedBackbone load() const {
    write_safetensors(folder_ / "model.safetensors", tensors_);
    return load_backbone(folder_.path().string());
  }

  Tensor last_hidden_state(const Tensor& audio) const {
    BackboneInput input;
    input.audio = audio;
    return load().backbone->forward(input, {}).layers.back();
  }

  NamedTensor& tensor(const std::string& name) {
    return *std::find_if(tensors_.begin(), tensors_.end(), [&](const NamedTensor& t) { return t.name == name; });
  }

  test::TemporaryFolder folder_;
  ParameterList tensors_;
};

TEST_F(LoadBackbone, ListsAHeadsTensorsAsUnused) {
  tensors_.push_back({"lm_head.weight", torch::zeros({32, 32})});
  const LoadedBackbone loaded = load();
  ASSERT_EQ(loaded.unused.size(), 1U);
  EXPECT_EQ(loaded.unused[0].name, "lm_head.weight");
}

TEST_F(LoadBackbone, FingerprintFollowsTheBackboneOnly) {
  const std::string fingerprint = load().fingerprint;
  tensors_.push_back({"lm_head.weight", torch::zeros({32, 32})});
  EXPECT_EQ(load().fingerprint, fingerprint);
  tensor("wav2vec2.encoder.layer_norm.bias").value[0] += 1;
  EXPECT_NE(load().fingerprint, fingerprint);
}

TEST_F(LoadBackbone, NamesATensorThatIsNotFinite) {
  tensor("wav2vec2.encoder.layer_norm.bias").value[0] = std::numeric_limits<float>::infinity();
  EXPECT_THAT(test::message_of([&] { load(); }),
              AllOf(HasSubstr("model.safetensors"), HasSubstr("'wav2vec2.encoder.layer_norm.bias' holds NaN")));
}

TEST_F(LoadBackbone, MayLackTheEmbeddingOfMaskedFrames) {
  std::erase_if(tensors_, [](const NamedTensor& t) { return t.name == "wav2vec2.masked_spec_embed"; });
  EXPECT_TRUE(last_hidden_state(torch::randn({1, 400})).isfinite().all().item<bool>());
}

TEST_F(LoadBackbone, ReadsBothSpellingsOfWeightNorm) {
  const Tensor audio = torch::randn({1, 400});
  const Tensor before = last_hidden_state(audio);
  tensor("wav2vec2.encoder.pos_conv_embed.conv.weight_g").name =
      "wav2vec2.encoder.pos_conv_embed.conv.parametrizations.weight.original0";
  tensor("wav2vec2.encoder.pos_conv_embed.conv.weight_v").name =
      "wav2vec2.encoder.pos_conv_embed.conv.parametrizations.weight.original1";
  EXPECT_TRUE(torch::equal(last_hidden_state(audio), before));
}

TEST_F(LoadBackbone, NamesAMissingTensor) {
  tensor("wav2vec2.encoder.layers.1.attention.q_proj.weight").name = "wav2vec2.stray";
  EXPECT_THAT(test::message_of([&] { load(); }),
              AllOf(HasSubstr("'encoder.layers.1.attention.q_proj.weight' is missing"), HasSubstr(folder_.path())));
}

TEST_F(LoadBackbone, NamesATensorOfTheWrongShape) {
  tensor("wav2vec2.feature_projection.projection.weight").value = torch::zeros({2, 2});
  EXPECT_THAT(test::message_of([&] { load(); }), HasSubstr("'feature_projection.projection.weight' has shape [2, 2]"));
}

/// An MMS folder with one language beside the checkpoint's own.
class LoadLanguage : public testing::Test {
 protected:
  LoadLanguage() {
    test::write_tiny_model(test::tiny_shape("wav2vec2_mms"), folder_.path());
    for (const NamedTensor& t : read_checkpoint_folder(folder_.path())) {
      if (t.name.find(".adapter_layer.") != std::string::npos) french_.push_back({t.name, t.value + 1});
    }
    french_.push_back({"lm_head.weight", torch::ones({5, 32})});
  }

  LoadedBackbone load(const std::string& language) const {
    write_safetensors(folder_ / "adapter.fra.safetensors", french_);
    return load_backbone(folder_.path().string(), {}, language);
  }

  test::TemporaryFolder folder_;
  ParameterList french_;
};

TEST_F(LoadLanguage, TakesThePlaceOfTheCheckpointsOwn) {
  const LoadedBackbone own = load("");
  const LoadedBackbone french = load("fra");
  for (size_t i = 0; i < own.backbone->parameters().size(); ++i) {
    const NamedTensor& before = own.backbone->parameters()[i];
    const bool adapter = before.name.find(".adapter_layer.") != std::string::npos;
    EXPECT_TRUE(torch::equal(french.backbone->parameters()[i].value, adapter ? before.value + 1 : before.value))
        << before.name;
  }
  EXPECT_NE(french.fingerprint, own.fingerprint);
  ASSERT_EQ(french.unused.size(), 1U);
  EXPECT_EQ(french.unused[0].value.size(0), 5);
}

TEST_F(LoadLanguage, NamesTheLanguagesThatAreThere) {
  write_file(folder_ / "adapter.deu.bin", "");
  EXPECT_THAT(test::message_of([&] { load("eng"); }), AllOf(HasSubstr("adapter.eng"), HasSubstr("it has deu, fra")));
}

TEST_F(LoadLanguage, HasEveryAdapterAndNoOtherTensor) {
  french_.push_back({"wav2vec2.encoder.layer_norm.bias", torch::ones({32})});
  EXPECT_THAT(test::message_of([&] { load("fra"); }), HasSubstr("'encoder.layer_norm.bias' is none of"));
  french_.erase(french_.begin());
  EXPECT_THAT(test::message_of([&] { load("fra"); }), HasSubstr("is missing"));
}

TEST_F(LoadBackbone, RefusesAClipTooShortForAFrame) {
  EXPECT_THAT(test::message_of([&] { last_hidden_state(torch::zeros({1, 9})); }), HasSubstr("9 samples is too short"));
}

TEST(RandomTiny, IsTheSameEverywhere) {
  const LoadedBackbone one = load_backbone("random-tiny");
  EXPECT_EQ(one.fingerprint, load_backbone("random-tiny").fingerprint);
  EXPECT_TRUE(is_random_backbone("random-tiny"));
}

TEST(BackboneKinds, UnknownModelTypeListsTheKnownOnes) {
  BackboneConfig config;
  config.model_type = "whisper";
  EXPECT_THAT(test::message_of([&] { build_backbone(config, *meta_source()); }),
              HasSubstr("unknown model_type 'whisper': use one of wav2vec2, hubert"));
}

}  // namespace
}  // namespace sure
