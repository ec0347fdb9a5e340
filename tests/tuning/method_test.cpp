#include "tuning/method.h"

#include <gmock/gmock.h>

#include "backbone/backbone.h"
#include "tests/support/errors.h"

namespace sure {
namespace {

using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::SizeIs;

/// The built-in model with a method applied.
struct Tuned {
  explicit Tuned(const TuningOptions& options) : backbone(std::move(load_backbone("random-tiny").backbone)) {
    Tuning tuning = apply_tuning(options, backbone->sites(), backbone->parameters(), *seeded_source(1));
    adapters = std::move(tuning.adapters);
    trained = std::move(tuning.trained);
  }

  std::vector<std::string> names() const {
    std::vector<std::string> list;
    for (const NamedTensor& parameter : trained) list.push_back(parameter.name);
    return list;
  }

  /// The site of a linear layer of the first transformer layer.
  Site site(const std::string& layer) const {
    const SiteList& sites = backbone->sites();
    return *std::find_if(sites.begin(), sites.end(),
                         [&](const Site& site) { return site.name == "encoder.layers.0." + layer; });
  }
  const ProjectionAdapter* adapter(const std::string& layer) const { return adapters->projection(site(layer).id); }

  std::shared_ptr<Backbone> backbone;
  std::shared_ptr<const AdapterSet> adapters;
  ParameterList trained;
};

std::string refusal(const TuningOptions& options) {
  return test::message_of([&] { Tuned{options}; });
}

TEST(Lora, TargetsByNameOrPath) {
  TuningOptions options;
  options.lora_targets = {"q_proj", "feed_forward.output_dense"};
  options.lora_rank = 4;
  const Tuned tuned(options);
  EXPECT_THAT(tuned.names(), SizeIs(4 * 2 * 2));
  EXPECT_EQ(tuned.trained[0].name, "adapter.encoder.layers.0.attention.q_proj.lora_A");
  EXPECT_EQ(tuned.trained[0].value.sizes(), at::IntArrayRef({4, 128}));
}

TEST(Lora, UpdateIsScaledByAlphaOverRank) {
  TuningOptions options;
  options.lora_alpha = 16;
  Tuned tuned(options);
  const torch::NoGradGuard no_grad;
  for (NamedTensor& parameter : tuned.trained) parameter.value.fill_(1);
  Tensor weight = torch::ones({128, 128}), bias;
  tuned.adapter("attention.q_proj")->merge(weight, bias);
  EXPECT_TRUE(torch::allclose(weight, torch::full({128, 128}, 1 + 8 * 16.0 / 8)));
}

TEST(Ia3, ScalesKeysValuesAndInnerActivations) {
  TuningOptions options;
  options.method = "ia3";
  Tuned tuned(options);
  EXPECT_THAT(tuned.names(), SizeIs(4 * 3));
  const torch::NoGradGuard no_grad;
  for (NamedTensor& parameter : tuned.trained) parameter.value.fill_(2);
  const auto merged = [&](const char* layer) {
    const Site site = tuned.site(layer);
    Tensor weight = torch::ones({site.out, site.in}), bias = torch::ones({site.out});
    tuned.adapter(layer)->merge(weight, bias);
    return std::pair(weight.mean().item<double>(), bias.mean().item<double>());
  };
  EXPECT_EQ(merged("attention.k_proj"), std::pair(2.0, 2.0));
  EXPECT_EQ(merged("feed_forward.output_dense"), std::pair(2.0, 1.0)) << "its input is scaled, not its bias";
  EXPECT_EQ(tuned.adapter("attention.q_proj"), nullptr);
}

TEST(Bitfit, TrainsTheLayersBiasesAlone) {
  TuningOptions options;
  options.method = "bitfit";
  EXPECT_THAT(Tuned(options).names(),
              AllOf(SizeIs(4 * 8), Each(MatchesRegex("backbone\\.encoder\\.layers\\..*\\.bias"))));
}

TEST(Head, LeavesTheBackboneAlone) {
  TuningOptions options;
  options.method = "head";
  const Tuned tuned(options);
  EXPECT_THAT(tuned.names(), SizeIs(0));
  for (const NamedTensor& parameter : tuned.backbone->parameters()) EXPECT_FALSE(parameter.value.requires_grad());
}

TEST(Prefix, IsOneTableForAllLayers) {
  TuningOptions options;
  options.method = "prefix";
  options.prefix_seq_len = 7;
  const Tuned tuned(options);
  ASSERT_THAT(tuned.trained, SizeIs(1));
  EXPECT_EQ(tuned.trained[0].value.sizes(), at::IntArrayRef({7, 4 * 2 * 128}));
}

TEST(Bottleneck, SitsWhereItIsTold) {
  TuningOptions options;
  options.method = "bottleneck";
  options.output_adapter = false;
  options.mh_adapter = true;
  EXPECT_THAT(Tuned(options).names(), Each(HasSubstr(".attention.adapter.")));
}

TEST(Finetune, FreezesWhatItIsTold) {
  TuningOptions options;
  options.method = "finetune";
  options.freeze_layers = 3;
  for (const std::string& name : Tuned(options).names()) {
    EXPECT_THAT(name, testing::Not(HasSubstr("feature_extractor")));
    EXPECT_THAT(name, testing::Not(HasSubstr("layers.2.")));
  }
  EXPECT_THAT(Tuned(options).names(), testing::Contains(HasSubstr("layers.3.")));
}

TEST(FrontEndAdapters, ComeBesidesAnyMethod) {
  TuningOptions options;
  options.feat_enc_adapter = true;
  EXPECT_THAT(Tuned(options).names(),
              testing::Contains("adapter.feature_extractor.conv_layers.6.adapter.excite.weight"));
}

TEST(Tuning, FreezesTheBackbone) {
  for (const NamedTensor& parameter : Tuned(TuningOptions()).backbone->parameters()) {
    EXPECT_FALSE(parameter.value.requires_grad()) << parameter.name;
  }
}

TEST(Tuning, RefusesValuesThatMakeNoSenseAndNamesTheFlag) {
  const auto with = [](const char* method, auto change) {
    TuningOptions options;
    options.method = method;
    change(options);
    return refusal(options);
  };
  EXPECT_THAT(with("loar", [](TuningOptions&) {}), HasSubstr("unknown method 'loar'"));
  EXPECT_THAT(with("lora", [](TuningOptions& o) { o.lora_rank = 0; }), HasSubstr("--lora_rank"));
  EXPECT_THAT(with("lora", [](TuningOptions& o) { o.lora_targets = {"w_proj"}; }),
              HasSubstr("no linear layer 'w_proj'"));
  EXPECT_THAT(with("conv_adapter", [](TuningOptions& o) { o.conv_kernels = {3, 4, 3}; }), HasSubstr("--conv_kernels"));
  EXPECT_THAT(with("conv_adapter", [](TuningOptions& o) { o.conv_reduction = 3; }), HasSubstr("--conv_reduction"));
  EXPECT_THAT(with("conv_adapter", [](TuningOptions& o) { o.squeeze_reduction = 0; }),
              HasSubstr("--squeeze_reduction"));
  EXPECT_THAT(with("bottleneck", [](TuningOptions& o) { o.bottleneck_reduction = 999; }),
              HasSubstr("--bottleneck_reduction"));
  EXPECT_THAT(with("prefix", [](TuningOptions& o) { o.prefix_seq_len = 0; }), HasSubstr("--prefix_seq_len"));
  EXPECT_THAT(with("prefix", [](TuningOptions& o) { o.prefix_dropout_prob = 1; }), HasSubstr("--prefix_dropout_prob"));
  EXPECT_THAT(with("finetune", [](TuningOptions& o) { o.freeze_layers = 5; }), HasSubstr("--freeze_layers"));
  EXPECT_THAT(with("bottleneck", [](TuningOptions& o) { o.output_adapter = false; }), HasSubstr("--output_adapter"));
}

TEST(Tuning, OptionsOfOtherMethodsDoNotMatter) {
  TuningOptions options;
  options.method = "prefix";
  options.lora_rank = 0;
  options.lora_targets = {"w_proj"};
  options.conv_kernels = {4};
  options.bottleneck_reduction = 0;
  options.freeze_layers = -1;
  EXPECT_FALSE(Tuned(options).names().empty());
}

}  // namespace
}  // namespace sure
