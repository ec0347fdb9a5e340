// LoRA adapters that PEFT wrote: what of them we can take.
#include <gmock/gmock.h>

#include <cmath>

#include "core/atomic_file.h"
#include "formats/peft_adapter.h"
#include "model/export.h"
#include "tests/support/adapted_models.h"
#include "tests/support/errors.h"

namespace sure {

namespace {

using test::message_of;
using test::noise_batch;
using test::tiny_spec;
using testing::HasSubstr;

class PeftImport : public testing::Test {
 protected:
  PeftImport() : spec_(tiny_spec("wav2vec2_base", "lora")) {
    spec_.tuning.lora_targets = {"q_proj", "v_proj"};
    const AdaptedModel model = AdaptedModel::create(spec_, 1);
    test::perturb(model);
    logits_ = model.forward(batch_, false).logits;
    export_peft(model, folder_ / "exported");
    peft_ = read_peft_adapter(folder_ / "exported");
  }

  AdaptedModel load(const std::vector<std::string>& labels = {"no", "stop", "yes"}) const {
    const std::filesystem::path path = folder_ / "changed";
    write_folder(path, exported_folder(), [&](const auto& temporary) { write_peft_adapter(temporary, peft_); });
    return AdaptedModel::load(path, spec_.model, {labels, "", ""});
  }

  std::string load_error(const std::vector<std::string>& labels = {"no", "stop", "yes"}) const {
    return message_of([&] { load(labels); });
  }

  void remove(const std::string& name) {
    std::erase_if(peft_.tensors, [&](const NamedTensor& tensor) { return tensor.name == name; });
  }

  test::TemporaryFolder folder_;
  ModelSpec spec_;
  Batch batch_ = noise_batch({2000, 1300});
  Tensor logits_;
  PeftAdapter peft_;
};

}  // namespace

TEST_F(PeftImport, RankStabilisedScalingIsAlphaOverRootRank) {
  peft_.rank_stabilised = true;
  peft_.alpha = 1 / std::sqrt(8.0);  // 1 / 8 after division by sqrt(8): the exported scaling
  EXPECT_TRUE(torch::allclose(load().forward(batch_, false).logits, logits_, 1e-5, 1e-6));
  peft_.rank_stabilised = false;
  EXPECT_FALSE(torch::allclose(load().forward(batch_, false).logits, logits_, 1e-5, 1e-6));
}

TEST_F(PeftImport, TargetsAreThoseThatHaveTensors) {
  EXPECT_EQ(load().spec().tuning.lora_targets, (std::vector<std::string>{"q_proj", "v_proj"}));
}

TEST_F(PeftImport, NumbersClassesWithoutNames) {
  EXPECT_EQ(load({}).spec().labels, (Labels{"LABEL_0", "LABEL_1", "LABEL_2"}));
  EXPECT_THAT(load_error({"a", "b"}), HasSubstr("--labels names 2 classes"));
}

TEST_F(PeftImport, HearsWholeClips) {
  spec_.model = recorded_model_options(folder_ / "exported");
  const CollateOptions heard = load().collate_options();
  EXPECT_EQ(heard.max_samples, 0);
  EXPECT_EQ(heard.padding, Padding::exact);
}

TEST_F(PeftImport, NeedsAHead) {
  remove("projector.weight");
  EXPECT_THAT(load_error(), HasSubstr("no head for labels"));
}

TEST_F(PeftImport, TakesHeadAndLabelsFromABaseThatHasThem) {
  export_hf(AdaptedModel::create(spec_, 1), folder_ / "base");
  spec_.model.model = (folder_ / "base").string();
  remove("projector.weight");
  remove("projector.bias");
  EXPECT_EQ(load({}).spec().labels, spec_.labels);
}

TEST_F(PeftImport, RefusesLoraElsewhere) {
  peft_.tensors.push_back({"wav2vec2.encoder.layers.7.attention.q_proj.lora_A.weight", torch::zeros({8, 16})});
  peft_.tensors.push_back({"wav2vec2.encoder.layers.7.attention.q_proj.lora_B.weight", torch::zeros({16, 8})});
  EXPECT_THAT(load_error(), HasSubstr("layers.7.attention.q_proj' cannot be used"));
}

TEST_F(PeftImport, RefusesAnAdapterOfAnotherKindOfModel) {
  spec_.model.model = test::tiny_model("hubert_base");
  EXPECT_THAT(load_error(), HasSubstr("another architecture"));
}

TEST_F(PeftImport, LayersMayDifferInRankAndScaling) {
  const std::string layer = "wav2vec2.encoder.layers.1.attention.q_proj";
  for (NamedTensor& tensor : peft_.tensors) {
    if (tensor.name == layer + ".lora_A.weight") tensor.value = tensor.value.slice(0, 0, 3);
    if (tensor.name == layer + ".lora_B.weight") tensor.value = tensor.value.slice(1, 0, 3);
  }
  peft_.rank_pattern = {{"layers\\.1\\.attention\\.q_proj", 3}};
  peft_.alpha_pattern = {{"v_proj", 5.0}};
  const AdaptedModel model = load();
  EXPECT_EQ(model.spec().tuning.lora_rank, 8);
  const Tensor logits = model.forward(batch_, false).logits;
  EXPECT_FALSE(torch::allclose(logits, logits_, 1e-5, 1e-6));
  // Saved as one of ours, and exported again, it is the same.
  model.save(folder_.path());
  EXPECT_TRUE(
      torch::equal(AdaptedModel::load(folder_.path(), model.spec().model).forward(batch_, false).logits, logits));
  export_peft(model, folder_ / "again");
  const AdaptedModel again = AdaptedModel::load(folder_ / "again", spec_.model, {spec_.labels, "", ""});
  EXPECT_TRUE(torch::allclose(again.forward(batch_, false).logits, logits, 1e-5, 1e-6));
}

TEST_F(PeftImport, LayersMayBeLeftOut) {
  for (const char* end : {"lora_A", "lora_B"}) {
    remove(fmt::format("wav2vec2.encoder.layers.0.attention.q_proj.{}.weight", end));
  }
  const AdaptedModel model = load();
  EXPECT_THAT(model.spec().tuning.lora_targets, testing::Contains("encoder.layers.1.attention.q_proj"));
  EXPECT_THAT(model.spec().tuning.lora_targets, testing::Contains("v_proj"));
}

TEST_F(PeftImport, ARankAgainstTheConfigIsRefused) {
  peft_.rank = 4;
  EXPECT_THAT(load_error(), HasSubstr("expected rank 4"));
  peft_.rank_pattern = {{"q_proj(", 8}};
  EXPECT_THAT(load_error(), HasSubstr("no regular expression"));
}

TEST_F(PeftImport, ScalesThatOursDoNotHaveAreRefused) {
  spec_.tuning.method = "ia3";
  export_peft(AdaptedModel::create(spec_, 1), folder_ / "exported");
  peft_ = read_peft_adapter(folder_ / "exported");
  const std::string layer = "wav2vec2.encoder.layers.1.attention.";
  remove(layer + "v_proj.ia3_l");  // counts as one
  EXPECT_NO_THROW(load());
  peft_.tensors.push_back({layer + "q_proj.ia3_l", torch::ones({16, 1})});
  EXPECT_THAT(load_error(), HasSubstr("(IA)³ of '" + layer + "q_proj'"));
  peft_.tensors.back() = {"wav2vec2.encoder.layers.7.attention.k_proj.ia3_l", torch::ones({16, 1})};
  EXPECT_THAT(load_error(), HasSubstr("layers.7.attention.k_proj' cannot be used"));
}

TEST_F(PeftImport, NamesMissingTensors) {
  remove("wav2vec2.encoder.layers.1.attention.q_proj.lora_B.weight");
  EXPECT_THAT(load_error(), HasSubstr("encoder.layers.1.attention.q_proj.lora_B"));
}

}  // namespace sure
