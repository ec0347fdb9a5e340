// Exports, as far as C++ can judge them; tests/parity loads them in Python.
#include <gmock/gmock.h>

#include "core/atomic_file.h"
#include "formats/checkpoint_folder.h"
#include "formats/peft_adapter.h"
#include "tests/support/adapted_models.h"
#include "tests/support/errors.h"

namespace sure {

namespace {

using test::message_of;
using test::noise_batch;
using test::perturb;
using test::tiny_spec;
using testing::HasSubstr;

AdaptedModel trained_model(const ModelSpec& spec) {
  AdaptedModel model = AdaptedModel::create(spec, 1);
  perturb(model);
  return model;
}

ModelSpec recogniser_spec(const std::string& shape) {
  ModelSpec spec = tiny_spec(shape, "lora");
  spec.task = "asr";
  spec.labels = {"a", "<pad>", "|", "é"};
  return spec;
}

/// The exported checkpoint as a bare model, with the exported head.
AdaptedModel from_checkpoint(const ModelSpec& spec, const std::filesystem::path& folder) {
  ModelSpec bare = spec;
  bare.tuning.method = "finetune";
  bare.model.model = folder.string();
  AdaptedModel model = AdaptedModel::create(bare, 2);
  const torch::NoGradGuard no_gradients;
  for (const NamedTensor& tensor : read_checkpoint_folder(folder)) {
    for (const NamedTensor& parameter : model.trained()) {
      if (parameter.name == "head." + tensor.name) Tensor(parameter.value).copy_(tensor.value);
    }
  }
  return model;
}

}  // namespace

TEST(ExportHf, GivesTheSameLogits) {
  const Batch batch = noise_batch({2000, 1300});
  for (const test::TinyShape& shape : test::tiny_shapes()) {
    for (const char* method : {"lora", "finetune"}) {
      SCOPED_TRACE(shape.name + ", " + method);
      ModelSpec spec = tiny_spec(shape.name, method);
      spec.tuning.lora_alpha = 16;
      const AdaptedModel model = trained_model(spec);
      const test::TemporaryFolder folder;
      export_hf(model, folder / "exported");
      const Tensor logits = from_checkpoint(spec, folder / "exported").forward(batch, false).logits;
      EXPECT_TRUE(torch::allclose(logits, model.forward(batch, false).logits, 1e-4, 1e-5));
      const Tensor untrained = AdaptedModel::create(spec, 1).forward(batch, false).logits;
      EXPECT_FALSE(torch::allclose(logits, untrained, 1e-4, 1e-5));
    }
  }
}

TEST(ExportHf, DescribesTheHead) {
  const test::TemporaryFolder folder;
  ModelSpec spec = tiny_spec("hubert_base", "lora");
  spec.head.use_weighted_layer_sum = true;
  spec.head.classifier_proj_size = 24;
  export_hf(trained_model(spec), folder / "exported");
  const auto config = nlohmann::json::parse(read_file(folder / "exported" / "config.json"));
  EXPECT_EQ(config["architectures"], nlohmann::json({"HubertForSequenceClassification"}));
  EXPECT_EQ(config["id2label"], nlohmann::json({{"0", "no"}, {"1", "stop"}, {"2", "yes"}}));
  EXPECT_EQ(config["label2id"]["yes"], 2);
  EXPECT_EQ(config["use_weighted_layer_sum"], true);
  EXPECT_EQ(config["classifier_proj_size"], 24);
  EXPECT_TRUE(std::filesystem::exists(folder / "exported" / "preprocessor_config.json"));
}

TEST(ExportHf, RefusesWhatTransformersLacks) {
  const test::TemporaryFolder folder;
  const auto refused = [&](const ModelSpec& spec) {
    return message_of([&] { export_hf(AdaptedModel::create(spec, 1), folder / "exported"); });
  };
  EXPECT_THAT(refused(tiny_spec("wav2vec2_base", "prefix")),
              HasSubstr("only finetune, lora, ia3, bitfit, language_adapter, head can"));
  ModelSpec front_end = tiny_spec("wav2vec2_base", "lora");
  front_end.tuning.feat_enc_adapter = true;
  EXPECT_THAT(refused(front_end), HasSubstr("--feat_enc_adapter"));
  ModelSpec rounded = tiny_spec("wav2vec2_base", "lora");
  rounded.model.bf16 = true;
  EXPECT_THAT(refused(rounded), HasSubstr("--bf16 False"));
  ModelSpec mixed = recogniser_spec("wav2vec2_base");
  mixed.head.use_weighted_layer_sum = true;
  EXPECT_THAT(refused(mixed), HasSubstr("--use_weighted_layer_sum"));
  ModelSpec voices = tiny_spec("hubert_base", "lora");
  voices.task = "verification";
  EXPECT_THAT(refused(voices), HasSubstr("no class for the task verification on 'hubert'"));
  EXPECT_FALSE(std::filesystem::exists(folder / "exported"));
}

TEST(ExportHf, ARecogniserGoesOnWhereItWas) {
  const test::TemporaryFolder folder;
  ModelSpec spec = recogniser_spec("wav2vec2_large");
  const AdaptedModel model = trained_model(spec);
  export_hf(model, folder / "exported");
  const auto config = nlohmann::json::parse(read_file(folder / "exported" / "config.json"));
  EXPECT_EQ(config["architectures"], nlohmann::json({"Wav2Vec2ForCTC"}));
  EXPECT_EQ(config["vocab_size"], 4);
  EXPECT_EQ(config["pad_token_id"], 1);
  const Batch batch = noise_batch({2000, 1300});
  spec.model.model = (folder / "exported").string();
  const AdaptedModel again = AdaptedModel::create(spec, 2);
  EXPECT_TRUE(again.starts_from_checkpoint_head());
  EXPECT_TRUE(torch::allclose(again.forward(batch, false).logits, model.forward(batch, false).logits, 1e-4, 1e-5));
  spec.labels = {"a", "<pad>", "|", "ß"};
  EXPECT_FALSE(AdaptedModel::create(spec, 2).starts_from_checkpoint_head());
}

TEST(ExportPeft, LoadsBackWithTheSameLogits) {
  const Batch batch = noise_batch({2000, 1300});
  for (const char* shape : {"wav2vec2_large", "hubert_base"}) {
    SCOPED_TRACE(shape);
    ModelSpec spec = tiny_spec(shape, "lora");
    spec.tuning.lora_rank = 4;
    spec.tuning.lora_alpha = 10;
    spec.tuning.lora_targets = {"q_proj", "output_dense"};
    const AdaptedModel model = trained_model(spec);
    const test::TemporaryFolder folder;
    export_peft(model, folder / "peft");
    const AdaptedModel loaded = AdaptedModel::load(folder / "peft", spec.model, {spec.labels, "", ""});
    EXPECT_EQ(loaded.spec().tuning.lora_rank, 4);
    EXPECT_TRUE(torch::allclose(loaded.forward(batch, false).logits, model.forward(batch, false).logits));
  }
}

TEST(ExportPeft, ScalesLoadBackWithTheSameLogits) {
  const Batch batch = noise_batch({2000, 1300});
  for (const char* tuned : {"", "1"}) {
    SCOPED_TRACE(tuned);
    ModelSpec spec = tiny_spec("hubert_base", "ia3");
    spec.tuning.tune_layers = tuned;
    const AdaptedModel model = trained_model(spec);
    const test::TemporaryFolder folder;
    export_peft(model, folder / "peft");
    const PeftAdapter peft = read_peft_adapter(folder / "peft");
    EXPECT_THAT(peft.target_modules, testing::Contains(testing::EndsWith("k_proj")));
    const AdaptedModel loaded = AdaptedModel::load(folder / "peft", spec.model, {spec.labels, "", ""});
    EXPECT_EQ(loaded.spec().tuning.method, "ia3");
    EXPECT_TRUE(torch::allclose(loaded.forward(batch, false).logits, model.forward(batch, false).logits));
  }
}

TEST(ExportPeft, NamesTensorsAsPeftDoes) {
  const test::TemporaryFolder folder;
  export_peft(trained_model(tiny_spec("hubert_base", "lora")), folder / "peft");
  const PeftAdapter peft = read_peft_adapter(folder / "peft");
  std::vector<std::string> names;
  for (const NamedTensor& tensor : peft.tensors) names.push_back(tensor.name);
  EXPECT_THAT(names, testing::IsSupersetOf({"hubert.encoder.layers.1.attention.q_proj.lora_A.weight",
                                            "hubert.encoder.layers.1.feed_forward.output_dense.lora_B.weight",
                                            "projector.weight", "classifier.bias"}));
  EXPECT_EQ(peft.modules_to_save, (std::vector<std::string>{"projector", "classifier"}));
}

TEST(ExportPeft, RefusesWhatPeftCannotHold) {
  const test::TemporaryFolder folder;
  const auto refused = [&](const ModelSpec& spec) {
    return message_of([&] { export_peft(AdaptedModel::create(spec, 1), folder / "peft"); });
  };
  EXPECT_THAT(refused(tiny_spec("wav2vec2_base", "conv_adapter")),
              HasSubstr("no form for conv_adapter, only for lora and ia3"));
  EXPECT_THAT(refused(tiny_spec("wav2vec2_base", "bitfit")),
              HasSubstr("no form for bitfit, only for lora and ia3; export to hf"));
  ModelSpec weighted = tiny_spec("wav2vec2_base", "lora");
  weighted.head.use_weighted_layer_sum = true;
  EXPECT_THAT(refused(weighted), HasSubstr("--use_weighted_layer_sum"));
  ModelSpec front_end = tiny_spec("wav2vec2_base", "lora");
  front_end.tuning.feat_enc_adapter = true;
  EXPECT_THAT(refused(front_end), HasSubstr("--feat_enc_adapter"));
}

TEST(ExportPeft, TunedLayersAreTheOnlyTargets) {
  const test::TemporaryFolder folder;
  ModelSpec spec = tiny_spec("wav2vec2_base", "lora");
  spec.tuning.lora_targets = {"q_proj"};
  spec.tuning.tune_layers = "1";
  export_peft(trained_model(spec), folder / "peft");
  EXPECT_EQ(read_peft_adapter(folder / "peft").target_modules, (Labels{"encoder.layers.1.attention.q_proj"}));
}

TEST(Export, ReplacesAnEarlierExportOnly) {
  const AdaptedModel model = trained_model(tiny_spec("wav2vec2_base", "lora"));
  const test::TemporaryFolder folder;
  export_peft(model, folder / "peft");
  export_peft(model, folder / "peft");
  std::filesystem::create_directory(folder / "mine");
  write_file(folder / "mine" / "notes.txt", "keep me");
  EXPECT_THAT(message_of([&] { export_peft(model, folder / "mine"); }), HasSubstr("was not written by sure export"));
  EXPECT_EQ(read_file(folder / "mine" / "notes.txt"), "keep me");
}

}  // namespace sure
