#include "model/adapted_model.h"

#include <gmock/gmock.h>

#include <barrier>
#include <thread>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/worker_thread.h"
#include "fused/memory.h"
#include "kernels/dispatch.h"
#include "tests/support/adapted_models.h"
#include "tests/support/close.h"
#include "tests/support/errors.h"

namespace sure {

namespace {

using test::message_of;
using test::noise_batch;
using test::tiny_spec;
using testing::HasSubstr;

struct Count {
  std::string method;
  int64_t trained;
};

void PrintTo(const Count& count, std::ostream* out) { *out << count.method; }

/// config.json of facebook/wav2vec2-large-xlsr-53, as far as shapes depend on it.
void write_xlsr_config(const std::filesystem::path& folder) {
  const nlohmann::json config = {{"model_type", "wav2vec2"},       {"hidden_size", 1024},
                                 {"num_hidden_layers", 24},        {"num_attention_heads", 16},
                                 {"intermediate_size", 4096},      {"do_stable_layer_norm", true},
                                 {"feat_extract_norm", "layer"},   {"conv_bias", true},
                                 {"num_conv_pos_embeddings", 128}, {"num_conv_pos_embedding_groups", 16},
                                 {"mask_time_prob", 0.075}};
  write_file(folder / "config.json", config.dump());
}

class TrainedParameters : public testing::TestWithParam<Count> {};

}  // namespace

TEST_P(TrainedParameters, OfXlsr53With11ClassesAreTheOriginals) {
  const test::TemporaryFolder folder;
  write_xlsr_config(folder.path());
  ModelSpec spec;
  spec.task = "classify";
  spec.tuning.method = GetParam().method;
  spec.model.model = folder.path().string();
  for (int i = 0; i < 11; ++i) spec.labels.push_back("class " + std::to_string(i));
  const AdaptedModel model = AdaptedModel::outline(spec);
  EXPECT_EQ(count_parameters(model.trained()), GetParam().trained);
  EXPECT_EQ(count_parameters(model.backbone().parameters()), 315438720);
  const int64_t backbone = GetParam().method == "finetune" ? 0 : 315438720;
  EXPECT_EQ(model.total_parameters(), backbone + GetParam().trained);
  for (const NamedTensor& parameter : model.trained()) EXPECT_TRUE(parameter.value.is_meta()) << parameter.name;
}

INSTANTIATE_TEST_SUITE_P(Methods, TrainedParameters,
                         testing::Values(Count{"finetune", 315703947}, Count{"bottleneck", 25467915},
                                         Count{"prefix", 1739787}, Count{"lora", 3804171},
                                         Count{"conv_adapter", 3669003}, Count{"ia3", 412683}),
                         [](const auto& instance) { return instance.param.method; });

TEST(AdaptedModel, DependsOnTheSeedOnly) {
  const Batch batch = noise_batch({2000});
  const auto logits = [&](uint64_t seed) {
    return AdaptedModel::create(tiny_spec("wav2vec2_base", "conv_adapter"), seed).forward(batch, false).logits;
  };
  EXPECT_TRUE(torch::equal(logits(1), logits(1)));
  EXPECT_FALSE(torch::equal(logits(1), logits(2)));
}

TEST(AdaptedModel, RecordsGradientsInTrainingOnly) {
  const AdaptedModel model = AdaptedModel::create(tiny_spec("wav2vec2_base", "lora"), 1);
  EXPECT_TRUE(model.forward(noise_batch({2000}), true).logits.requires_grad());
  EXPECT_FALSE(model.forward(noise_batch({2000}), false).logits.requires_grad());
}

TEST(AdaptedModel, DropoutOverridesTheConfig) {
  const Batch batch = noise_batch({2000});
  const auto varies = [&](std::optional<double> dropout, double layerdrop) {
    ModelSpec spec = tiny_spec("wav2vec2_base", "lora");
    spec.model.dropout = dropout;
    spec.model.layerdrop = layerdrop;
    const AdaptedModel model = AdaptedModel::create(spec, 1);
    const Tensor first = model.forward(batch, true).logits;
    return !torch::equal(model.forward(batch, true).logits, first);
  };
  EXPECT_FALSE(varies(0, 0));
  EXPECT_TRUE(varies(0.3, 0));
  EXPECT_TRUE(varies(std::nullopt, 0)) << "the config's own dropout is 0.1";
}

TEST(AdaptedModel, PaddingCountsUnlessMasked) {
  const Batch padded = noise_batch({2000, 900});
  Batch alone;
  alone.audio = padded.audio.slice(0, 1, 2).slice(1, 0, 900);
  alone.lengths = padded.lengths.slice(0, 1, 2);
  const auto mixes = [&](const std::string& shape, Padding padding) {
    ModelSpec spec = tiny_spec(shape, "lora");
    spec.model.padding = padding;
    const AdaptedModel model = AdaptedModel::create(spec, 1);
    return !torch::allclose(model.forward(padded, false).logits[1], model.forward(alone, false).logits[0], 1e-4, 1e-5);
  };
  EXPECT_TRUE(mixes("wav2vec2_base", Padding::longest));
  EXPECT_FALSE(mixes("wav2vec2_base", Padding::exact));
  EXPECT_FALSE(mixes("wav2vec2_large", Padding::longest));
}

TEST(AdaptedModel, CollatesAsTheTaskAndTheOptionsSay) {
  ModelSpec spec = tiny_spec("wav2vec2_base", "lora");
  EXPECT_EQ(AdaptedModel::create(spec, 1).collate_options().max_samples, find_task("classify").max_samples);
  spec.model.max_samples = 1234;
  spec.model.padding = Padding::exact;
  const CollateOptions options = AdaptedModel::create(spec, 1).collate_options();
  EXPECT_EQ(options.max_samples, 1234);
  EXPECT_EQ(options.padding, Padding::exact);
  EXPECT_TRUE(options.do_normalize);
}

TEST(AdaptedModel, ClipsAreWholeExceptWhereTheBenchmarkCutThem) {
  constexpr std::nullopt_t kOpen = std::nullopt;
  const auto chosen = [](const std::string& task, bool as_in_benchmark, std::optional<int64_t> max_samples,
                         std::optional<Padding> padding) {
    ModelOptions options;
    options.max_samples = max_samples;
    options.padding = padding;
    choose_clip_length(options, find_task(task), as_in_benchmark);
    return std::pair(*options.max_samples, *options.padding);
  };
  using Chosen = std::pair<int64_t, Padding>;
  EXPECT_EQ(chosen("keyword", false, kOpen, kOpen), Chosen(0, Padding::exact));
  EXPECT_EQ(chosen("keyword", false, 48000, kOpen), Chosen(48000, Padding::exact));
  EXPECT_EQ(chosen("keyword", false, kOpen, Padding::max_length), Chosen(40000, Padding::max_length));
  EXPECT_EQ(chosen("keyword", true, kOpen, kOpen), Chosen(40000, Padding::max_length));
  EXPECT_EQ(chosen("intent", true, kOpen, kOpen), Chosen(220000, Padding::max_length));
  EXPECT_EQ(chosen("keyword", true, 0, kOpen), Chosen(0, Padding::exact));
  EXPECT_EQ(chosen("asr", true, kOpen, kOpen), Chosen(0, Padding::longest));
  EXPECT_EQ(chosen("asr", false, kOpen, kOpen), Chosen(0, Padding::longest));
}

TEST(AdaptedModel, FinetuneFreezesWhatTheTaskFreezes) {
  ModelSpec spec = tiny_spec("wav2vec2_base", "finetune");
  spec.task = "speaker";
  const AdaptedModel model = AdaptedModel::create(spec, 1);
  EXPECT_EQ(model.spec().tuning.freeze_layers, find_task("speaker").finetune_freezes_layers * 2 / 24);
  const auto trains = [&](const std::string& name) {
    return std::any_of(model.trained().begin(), model.trained().end(),
                       [&](const NamedTensor& p) { return p.name == "backbone." + name; });
  };
  EXPECT_FALSE(trains("encoder.layers.0.attention.q_proj.weight"));
  EXPECT_TRUE(trains("encoder.layers.1.attention.q_proj.weight"));
}

TEST(AdaptedModel, RefusesContradictoryOptions) {
  const auto refused = [](void (*change)(ModelSpec&)) {
    ModelSpec spec = tiny_spec("wav2vec2_base", "lora");
    change(spec);
    return message_of([&] { AdaptedModel::create(spec, 1); });
  };
  EXPECT_THAT(refused([](ModelSpec& s) { s.model.device = "tpu"; }), HasSubstr("--device tpu"));
  EXPECT_THAT(refused([](ModelSpec& s) { s.model.dropout = 1; }), HasSubstr("--dropout 1"));
  EXPECT_THAT(refused([](ModelSpec& s) { s.task = "singing"; }), HasSubstr("singing"));
  EXPECT_THAT(refused([](ModelSpec& s) { s.tuning.method = "magic"; }), HasSubstr("magic"));
  EXPECT_THAT(refused([](ModelSpec& s) { s.labels.clear(); }), HasSubstr("no labels"));
  EXPECT_THAT(refused([](ModelSpec& s) { s.labels = {"a", "a"}; }), HasSubstr("twice"));
  EXPECT_THAT(refused([](ModelSpec& s) {
                s.model.padding = Padding::max_length;
                s.model.max_samples = 0;
              }),
              HasSubstr("--padding max_length needs --max_samples"));
}

TEST(EightBits, WhatTrainsStaysAsItIs) {
  if (!fused::can_quantise(at::kFloat, at::kCPU)) GTEST_SKIP() << "no 8-bit products on this processor";
  TuningOptions tuning;
  tuning.method = "finetune";
  tuning.freeze_layers = 1;
  ModelSpec spec = tiny_spec("wav2vec2_base", tuning);
  spec.model.int8 = true;
  const AdaptedModel model = AdaptedModel::create(spec, 1);
  for (const NamedTensor& parameter : model.backbone().parameters()) {
    const bool is_linear = parameter.value.dim() == 2 && parameter.name.starts_with("encoder.layers.0.");
    EXPECT_EQ(parameter.value.scalar_type(), is_linear ? at::kChar : at::kFloat) << parameter.name;
  }
}

TEST(EightBits, LayersThatTheKernelsDoNotTakeComputeWithTheSameWeights) {
  if (!fused::can_quantise(at::kFloat, at::kCPU)) GTEST_SKIP() << "no 8-bit products on this processor";
  ModelSpec spec = tiny_spec("wav2vec2_base", "lora");
  const Batch batch = noise_batch({2000, 1300});
  const Tensor expected = AdaptedModel::create(spec, 1).forward(batch, false).logits;
  spec.model.int8 = true;
  spec.tuning.lora_rank = 3;
  const Tensor found = AdaptedModel::create(spec, 1).forward(batch, false).logits;  // a fresh adapter adds 0
  EXPECT_LT(test::relative_error(found, expected), 0.02);
  EXPECT_FALSE(found.equal(expected));
}

TEST(EightBits, AreNotMerged) {
  if (!fused::can_quantise(at::kFloat, at::kCPU)) GTEST_SKIP() << "no 8-bit products on this processor";
  ModelSpec spec = tiny_spec("wav2vec2_base", "lora");
  spec.model.int8 = true;
  const AdaptedModel model = AdaptedModel::create(spec, 1);
  EXPECT_THAT(message_of([&] { model.merged_backbone(); }), HasSubstr("--int8 False"));
}

TEST(Threads, MayShareAFreshModel) {
  const ModelSpec spec = tiny_spec("wav2vec2_base", "lora");
  const Batch batch = noise_batch({2000, 1300});
  const Tensor expected = AdaptedModel::create(spec, 1).forward(batch, false).logits;
  const AdaptedModel shared = AdaptedModel::create(spec, 1);
  std::vector<Tensor> found(4);
  std::barrier start(std::ssize(found));
  std::vector<std::jthread> threads;
  for (Tensor& logits : found) {
    threads.push_back(worker_thread([&](const std::stop_token&) {
      start.arrive_and_wait();
      logits = shared.forward(batch, false).logits;
    }));
  }
  threads.clear();
  for (const Tensor& logits : found) EXPECT_TRUE(torch::allclose(logits, expected, 1e-5, 1e-6));
}

TEST(EightBits, AreRefusedWithoutTheirProducts) {
  ModelSpec spec = tiny_spec("wav2vec2_base", "lora");
  spec.model.int8 = true;
  const kernels::ScopedKernels chosen("aten");
  EXPECT_THAT(message_of([&] { AdaptedModel::create(spec, 1); }),
              AllOf(HasSubstr("--int8 True: no 8-bit products on cpu with kernels 'aten'"), HasSubstr("--int8 False")));
}

TEST(EightBits, AreRefusedWhereNothingIsFrozen) {
  if (!fused::can_quantise(at::kFloat, at::kCPU)) GTEST_SKIP() << "no 8-bit products on this processor";
  ModelSpec spec = tiny_spec("wav2vec2_base", "finetune");
  spec.model.int8 = true;
  EXPECT_THAT(message_of([&] { AdaptedModel::create(spec, 1); }), HasSubstr("all layers of the encoder train"));
}

}  // namespace sure
