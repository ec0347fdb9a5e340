// The cache of what lies below the trained layers changes no number, for every tuning method, and says where it cannot.
#include <gmock/gmock.h>

#include <set>

#include "core/error.h"
#include "kernels/dispatch.h"
#include "tests/support/adapted_models.h"
#include "tests/support/errors.h"

namespace sure::test {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;

constexpr int64_t kRoomy = 1 << 24;

ModelSpec spec_of(const std::string& shape, const std::string& method, const std::string& layers, bool bf16) {
  ModelSpec spec = tiny_spec(shape, method);
  spec.tuning.tune_layers = layers;
  spec.tuning.squeeze_reduction = 2;
  spec.model.padding = Padding::exact;
  spec.model.bf16 = bf16;
  spec.model.dropout = layers.empty() ? 0 : 0.1;  // in the layers that train
  return spec;
}

struct Step {
  Tensor logits;
  std::vector<Tensor> gradients;
};

Step step_of(const AdaptedModel& model, const Batch& batch) {
  for (const NamedTensor& parameter : model.trained()) Tensor(parameter.value).mutable_grad() = Tensor();
  at::manual_seed(5);
  const HeadOutput output = model.forward(batch, true);
  model.objective().loss(output, batch.targets).mean.backward();
  Step step{output.logits.detach(), {}};
  for (const NamedTensor& parameter : model.trained()) step.gradients.push_back(parameter.value.grad().clone());
  return step;
}

void expect_same(const Step& found, const Step& expected) {
  EXPECT_TRUE(torch::allclose(found.logits, expected.logits, 1e-5, 1e-6));
  for (size_t i = 0; i < expected.gradients.size(); ++i) {
    const double size = expected.gradients[i].abs().max().item<double>();
    EXPECT_TRUE(torch::allclose(found.gradients[i], expected.gradients[i], 1e-4, 1e-5 * size + 1e-8)) << i;
  }
}

std::vector<std::string> method_names() {
  std::vector<std::string> names;
  for (const TuningMethod& method : tuning_methods()) names.push_back(method.name);
  return names;
}

class CacheContract : public testing::TestWithParam<std::string> {};

TEST_P(CacheContract, ChangesNoNumber) {
  const Batch batch = noise_batch({2000, 1500, 1300}), shuffled = noise_batch({2000, 1500, 1300, 1700});
  for (const char* shape : {"wav2vec2_base", "wav2vec2_mms"}) {
    for (const char* layers : {"", "1"}) {
      if (GetParam() == "language_adapter" && std::string(shape) == "wav2vec2_base") continue;
      if (GetParam() == "finetune" && std::string(layers).empty()) continue;  // all of it trains
      for (const bool bf16 : {false, true}) {
        SCOPED_TRACE(testing::Message() << shape << " layers '" << layers << (bf16 ? "' bf16" : "' fp32"));
        AdaptedModel model = AdaptedModel::create(spec_of(shape, GetParam(), layers, bf16), 1);
        perturb(model);
        const Step first = step_of(model, batch), other = step_of(model, shuffled);
        const std::shared_ptr<ActivationCache> cache = memory_cache(kRoomy);
        model.use_cache(cache);
        expect_same(step_of(model, batch), first);
        expect_same(step_of(model, batch), first);     // all from the cache
        expect_same(step_of(model, shuffled), other);  // some of it
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, CacheContract, testing::ValuesIn(method_names()),
                         [](const auto& instance) { return instance.param; });

/// As published with an attention mask, which group-norm front-ends are not.
std::string masked_group_norm_model(const fs::path& folder) {
  TinyShape shape = tiny_shape("wav2vec2_base");
  shape.return_attention_mask = true;
  write_tiny_model(shape, folder);
  return folder.string();
}

TEST(CachedClips, OfOneLengthSeeTheirPaddingAsWithoutCache) {
  const Batch batch = noise_batch({2000, 1500, 1300});
  const TemporaryFolder folder;
  for (const std::string& name :
       {tiny_model("wav2vec2_base"), tiny_model("wav2vec2_large"), masked_group_norm_model(folder.path())}) {
    SCOPED_TRACE(name);
    ModelSpec spec = spec_of("wav2vec2_base", "lora", "1", false);
    spec.model.model = name;
    spec.model.padding = Padding::max_length;
    spec.model.max_samples = 2000;
    AdaptedModel model = AdaptedModel::create(spec, 1);
    perturb(model);
    const Step plain = step_of(model, batch);
    model.use_cache(memory_cache(kRoomy));
    expect_same(step_of(model, batch), plain);
    expect_same(step_of(model, batch), plain);
  }
}

TEST(CachedClips, DoNotDependOnTheBatchTheyWereComputedIn) {
  const Batch batch = noise_batch({2000, 1500, 1300}), alone = noise_batch({2000});
  AdaptedModel model = AdaptedModel::create(spec_of("wav2vec2_base", "lora", "1", false), 1);
  model.use_cache(memory_cache(kRoomy));
  const Step expected = step_of(model, alone);
  model.use_cache(memory_cache(kRoomy));
  step_of(model, batch);
  EXPECT_TRUE(step_of(model, alone).logits.equal(expected.logits));
}

/// Keeps nothing but the keys.
class KeyRecorder : public ActivationCache {
 public:
  Tensor find(const std::string& key) override {
    keys.insert(key);
    return {};
  }
  void store(const std::string&, const Tensor&) override {}

  std::set<std::string> keys;
};

std::string key_of(const ModelSpec& spec) {
  AdaptedModel model = AdaptedModel::create(spec, 1);
  const auto recorder = std::make_shared<KeyRecorder>();
  model.use_cache(recorder);
  model.forward(noise_batch({1500}), false);
  return *recorder->keys.begin();
}

TEST(CachedClips, AreSharedByWhatGivesTheSame) {
  const ModelSpec spec = spec_of("wav2vec2_base", "lora", "", false);
  ModelSpec other = spec_of("wav2vec2_base", "conv_adapter", "", false);
  other.model.max_samples = 3000;
  EXPECT_EQ(key_of(spec), key_of(other));
}

TEST(CachedClips, AreToldApartByWhatTheyDependOn) {
  std::vector<ModelSpec> specs(7, spec_of("wav2vec2_base", "lora", "", false));
  specs[1].tuning.tune_layers = "1";
  specs[2].model.bf16 = true;
  specs[3].model.padding = Padding::max_length;
  specs[3].model.max_samples = 2000;
  specs[4].model.padding = Padding::max_length;
  specs[4].model.max_samples = 3000;
  TinyShape two_heads = tiny_shape("wav2vec2_base");
  two_heads.config["num_attention_heads"] = 2;
  const TemporaryFolder same_weights, other_weights;
  write_tiny_model(two_heads, same_weights.path());
  write_tiny_model(tiny_shape("wav2vec2_base"), other_weights.path(), 8);
  specs[5].model.model = same_weights.path().string();
  specs[6].model.model = other_weights.path().string();
  std::set<std::string> keys;
  for (const ModelSpec& spec : specs) keys.insert(key_of(spec));
  EXPECT_EQ(keys.size(), specs.size());
  if (kernels::chosen_kernels() == "aten") return;
  const kernels::ScopedKernels libtorch("aten");
  EXPECT_FALSE(keys.contains(key_of(specs[2]))) << "our kernels' last bits differ from libtorch's";
}

std::string obstacle(const ModelSpec& spec) { return AdaptedModel::create(spec, 1).cache_obstacle(); }

TEST(CacheObstacle, SaysWhatIsInTheWay) {
  const ModelSpec good = spec_of("wav2vec2_base", "lora", "", false);
  EXPECT_EQ(obstacle(good), "");
  ModelSpec spec = good;
  spec.tuning.method = "finetune";
  EXPECT_THAT(obstacle(spec), HasSubstr("trains"));
  spec = good;
  spec.tuning.feat_enc_adapter = true;
  EXPECT_THAT(obstacle(spec), HasSubstr("trains"));
  spec = good;
  spec.model.spec_augment.mask_time_prob = 0.1;
  EXPECT_THAT(obstacle(spec), HasSubstr("SpecAugment"));
  spec = good;
  spec.model.dropout = 0.1;
  EXPECT_THAT(obstacle(spec), HasSubstr("dropout"));
  spec.tuning.tune_layers = "0-1";
  EXPECT_THAT(obstacle(spec), HasSubstr("dropout")) << "layer 0 is the lowest one: nothing runs as in evaluation";
  spec.tuning.tune_layers = "1";
  EXPECT_EQ(obstacle(spec), "");
  spec = good;
  spec.model.padding = Padding::longest;
  EXPECT_THAT(obstacle(spec), HasSubstr("--padding exact"));
  EXPECT_THAT(message_of([&] { AdaptedModel::create(spec, 1).use_cache(memory_cache(1)); }), HasSubstr("--cache"));
}

TEST(TuneLayers, TrainOnlyThose) {
  for (const char* method : {"finetune", "bottleneck", "lora", "conv_adapter"}) {
    SCOPED_TRACE(method);
    const AdaptedModel model = AdaptedModel::create(spec_of("wav2vec2_base", method, "1", false), 1);
    size_t above = 0;
    for (const NamedTensor& parameter : model.trained()) {
      if (parameter.name.starts_with("head.")) continue;
      EXPECT_THAT(parameter.name, HasSubstr("encoder.layers.1."));
      ++above;
    }
    EXPECT_GT(above, 0U);
  }
}

TEST(TuneLayers, RefusesWhatIsNoRangeOfLayers) {
  for (const char* layers : {"2", "0-2", "1-0", "a", "-1", "1-", "1,0", "0 - 1"}) {
    const ModelSpec spec = spec_of("wav2vec2_base", "lora", layers, false);
    EXPECT_THAT(message_of([&] { AdaptedModel::create(spec, 1); }), HasSubstr("--tune_layers")) << layers;
  }
}

}  // namespace
}  // namespace sure::test
