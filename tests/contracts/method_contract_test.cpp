// What every tuning method promises on every backbone; a new row of either table is tested the moment it exists.
#include <gmock/gmock.h>
#include <torch/cuda.h>

#include <cmath>
#include <set>

#include "core/error.h"
#include "core/registry.h"
#include "kernels/dispatch.h"
#include "model/device.h"
#include "tests/support/adapted_models.h"
#include "tests/support/close.h"
#include "tests/support/eight_bits.h"
#include "tests/support/errors.h"

namespace sure {

namespace {

using test::noise_batch;
using test::perturb;
using test::tiny_spec;

struct Variant {
  std::string name;
  TuningOptions tuning;
  bool weighted_sum = false;
};

TuningOptions options_of(const std::string& method) {
  TuningOptions tuning;
  tuning.method = method;
  tuning.squeeze_reduction = 2;  // so narrow a model would have two units left, which ReLU may silence
  return tuning;
}

std::vector<Variant> variants() {
  std::vector<Variant> all;
  for (const TuningMethod& method : tuning_methods()) all.push_back({method.name, options_of(method.name)});
  for (const char* method : {"bottleneck", "conv_adapter"}) {
    all.push_back({std::string(method) + "_everywhere", options_of(method)});
    all.back().tuning.mh_adapter = true;
    all.back().tuning.feat_enc_adapter = true;
  }
  all.push_back({"prefix_projection", options_of("prefix")});
  all.back().tuning.prefix_projection = true;
  all.push_back({"lora_weighted_sum", options_of("lora"), true});
  return all;
}

void PrintTo(const Variant& variant, std::ostream* out) { *out << variant.name; }

using Gradients = std::map<std::string, Tensor>;

/// Of the task's loss, on the CPU; dropout is off in these models.
Gradients gradients_of(const AdaptedModel& model, const Batch& batch) {
  for (const NamedTensor& parameter : model.trained()) Tensor(parameter.value).mutable_grad() = Tensor();
  at::manual_seed(5);
  model.objective().loss(model.forward(batch, true), batch.targets.to(model.device())).mean.backward();
  Gradients gradients;
  for (const NamedTensor& parameter : model.trained()) {
    const Tensor& gradient = parameter.value.grad();
    gradients[parameter.name] = gradient.defined() ? gradient.cpu() : gradient;
  }
  return gradients;
}

/// All of them one behind the other.
Tensor flatten(const Gradients& gradients) {
  std::vector<Tensor> parts;
  for (const auto& [name, gradient] : gradients) parts.push_back(gradient.flatten());
  return torch::cat(parts);
}

/// One step of Adam with decoupled decay, moments from this gradient alone.
void update(const AdaptedModel& model, const Gradients& gradients) {
  const torch::NoGradGuard no_gradients;
  for (const NamedTensor& parameter : model.trained()) {
    const Tensor& gradient = gradients.at(parameter.name);
    Tensor value = parameter.value;
    value.mul_(0.99);
    if (gradient.defined()) value.sub_(0.01 * gradient / (gradient.abs() + 1e-8));
  }
}

bool trains(const AdaptedModel& model, const std::string& backbone_name) {
  return std::any_of(model.trained().begin(), model.trained().end(),
                     [&](const NamedTensor& p) { return p.name == "backbone." + backbone_name; });
}

/// Adding a constant to all keys of an attention does not change it.
bool gradient_vanishes(const std::string& name) { return name.ends_with("attention.k_proj.bias"); }

double largest(const Tensor& x) { return x.abs().max().item<double>(); }

class MethodContract : public testing::TestWithParam<Variant> {
 protected:
  static ModelSpec spec(const test::TinyShape& shape) {
    ModelSpec spec = tiny_spec(shape.name, GetParam().tuning);
    spec.head.use_weighted_layer_sum = GetParam().weighted_sum;
    spec.model.spec_augment.mask_time_prob = 0.3;  // in training, so that masked_spec_embed is used
    return spec;
  }

  /// Those that have what the method trains.
  static std::vector<test::TinyShape> shapes() {
    const TuningMethod& method = find_row(tuning_methods(), GetParam().tuning.method, "method");
    std::vector<test::TinyShape> fitting = test::tiny_shapes();
    if (method.applies_to == nullptr) return fitting;
    std::erase_if(fitting, [&](const test::TinyShape& shape) {
      return !method.applies_to(load_backbone(test::tiny_model(shape.name)).backbone->parameters());
    });
    return fitting;
  }
};

}  // namespace

TEST_P(MethodContract, HasBackbonesAndRefusesTheOthers) {
  std::set<std::string> fitting;
  for (const test::TinyShape& shape : shapes()) fitting.insert(shape.name);
  EXPECT_FALSE(fitting.empty());
  for (const test::TinyShape& shape : test::tiny_shapes()) {
    if (fitting.contains(shape.name)) continue;
    EXPECT_THAT(test::message_of([&] { AdaptedModel::create(spec(shape), 1); }),
                testing::HasSubstr("--method " + GetParam().tuning.method))
        << shape.name;
  }
}

TEST_P(MethodContract, IsTheIdentityAtTheStartWherePromised) {
  const std::string& name = GetParam().tuning.method;
  if (GetParam().name != name) GTEST_SKIP() << "promised for the methods' defaults only";
  const TuningMethod& method = find_row(tuning_methods(), name, "method");
  const Batch batch = noise_batch({2000, 1300});
  for (const test::TinyShape& shape : shapes()) {
    SCOPED_TRACE(shape.name);
    // Nothing is added by finetune, and both heads come from the same seed.
    const Tensor bare = AdaptedModel::create(tiny_spec(shape.name, "finetune"), 1).forward(batch, false).logits;
    const Tensor adapted = AdaptedModel::create(spec(shape), 1).forward(batch, false).logits;
    EXPECT_EQ(torch::allclose(adapted, bare, 1e-5, 1e-6), method.identity_at_start);
  }
}

TEST_P(MethodContract, GradientsReachWhatItTrainsAndNothingElse) {
  const Batch batch = noise_batch({3000, 2500, 2000});
  for (const test::TinyShape& shape : shapes()) {
    SCOPED_TRACE(shape.name);
    const AdaptedModel model = AdaptedModel::create(spec(shape), 1);
    perturb(model);
    for (const auto& [name, gradient] : gradients_of(model, batch)) {
      ASSERT_TRUE(gradient.defined()) << name;
      EXPECT_TRUE(gradient.isfinite().all().item<bool>()) << name;
      if (gradient_vanishes(name)) continue;
      EXPECT_GT(largest(gradient), 0) << name;
    }
    for (const NamedTensor& parameter : model.backbone().parameters()) {
      if (trains(model, parameter.name)) continue;
      EXPECT_FALSE(parameter.value.requires_grad()) << parameter.name;
      EXPECT_FALSE(parameter.value.grad().defined()) << parameter.name;
    }
  }
}

TEST_P(MethodContract, FrozenTensorsStayBitwiseTheSame) {
  const Batch batch = noise_batch({2000, 1700, 1300});
  for (const test::TinyShape& shape : shapes()) {
    SCOPED_TRACE(shape.name);
    const AdaptedModel model = AdaptedModel::create(spec(shape), 1);
    std::vector<Tensor> before;
    for (const NamedTensor& parameter : model.backbone().parameters()) before.push_back(parameter.value.clone());
    const Tensor logits = model.forward(batch, false).logits;
    for (int step = 0; step < 3; ++step) update(model, gradients_of(model, batch));
    for (size_t i = 0; i < before.size(); ++i) {
      const NamedTensor& parameter = model.backbone().parameters()[i];
      if (trains(model, parameter.name)) continue;
      EXPECT_TRUE(torch::equal(parameter.value, before[i])) << parameter.name;
    }
    EXPECT_FALSE(torch::allclose(model.forward(batch, false).logits, logits)) << "three steps changed nothing";
  }
}

TEST_P(MethodContract, SavedAndLoadedGivesTheSameOutputs) {
  const Batch batch = noise_batch({2000, 1300});
  for (const test::TinyShape& shape : shapes()) {
    SCOPED_TRACE(shape.name);
    const AdaptedModel model = AdaptedModel::create(spec(shape), 1);
    perturb(model);
    const test::TemporaryFolder folder;
    model.save(folder.path());
    const AdaptedModel loaded = AdaptedModel::load(folder.path(), recorded_model_options(folder.path()));
    ASSERT_EQ(loaded.trained().size(), model.trained().size());
    for (size_t i = 0; i < model.trained().size(); ++i) {
      EXPECT_EQ(loaded.trained()[i].name, model.trained()[i].name);
      EXPECT_TRUE(loaded.trained()[i].value.requires_grad()) << model.trained()[i].name;
    }
    EXPECT_TRUE(torch::equal(loaded.forward(batch, false).logits, model.forward(batch, false).logits));
  }
}

TEST_P(MethodContract, APaddedBatchEqualsSingleClips) {
  const std::vector<int64_t> lengths = {2000, 1503, 777};
  const Batch batch = noise_batch(lengths);
  for (const test::TinyShape& shape : shapes()) {
    for (const Padding padding : {Padding::exact, Padding::longest}) {
      SCOPED_TRACE(shape.name + ", " + name_of(padding));
      ModelSpec padded = spec(shape);
      padded.model.padding = padding;
      const AdaptedModel model = AdaptedModel::create(padded, 1);
      if (!model.ignores_padding()) continue;
      perturb(model);
      const Tensor together = model.forward(batch, false).logits;
      for (int64_t i = 0; i < batch.audio.size(0); ++i) {
        Batch single;
        single.lengths = batch.lengths.slice(0, i, i + 1);
        single.audio = batch.audio.slice(0, i, i + 1).slice(1, 0, lengths[static_cast<size_t>(i)]);
        const Tensor alone = model.forward(single, false).logits[0];
        EXPECT_LT(largest(alone - together[i]), 1e-4 * (1 + largest(alone))) << "clip " << i;
      }
    }
  }
}

/// Of a model, under the kernels of that name.
struct Results {
  Tensor logits;
  Gradients gradients;
};

Results results_of(const ModelSpec& spec, const Batch& batch, const std::string& kernels) {
  const kernels::ScopedKernels chosen(kernels);
  const AdaptedModel model = AdaptedModel::create(spec, 1);
  perturb(model);
  const Tensor logits = model.forward(batch, false).logits.cpu();
  return {logits, gradients_of(model, batch)};
}

TEST_P(MethodContract, AllKernelsGiveTheSameInFp32) {
  const Batch batch = noise_batch({2000, 1300});
  for (const test::TinyShape& shape : shapes()) {
    const Results expected = results_of(spec(shape), batch, "aten");
    for (const std::string& kernels : kernels::runnable_kernels()) {
      SCOPED_TRACE(shape.name + ", " + kernels);
      const Results found = results_of(spec(shape), batch, kernels);
      EXPECT_LT(test::relative_error(found.logits, expected.logits), 1e-5);
      EXPECT_LT(test::relative_error(flatten(found.gradients), flatten(expected.gradients)), 1e-4);
    }
  }
}

TEST_P(MethodContract, Bfloat16IsCloseToFloat32) {
  const Batch batch = noise_batch({2000, 1300});
  for (const test::TinyShape& shape : shapes()) {
    const Results expected = results_of(spec(shape), batch, "aten");
    for (const std::string& kernels : kernels::runnable_kernels()) {
      SCOPED_TRACE(shape.name + ", " + kernels);
      ModelSpec rounded = spec(shape);
      rounded.model.bf16 = true;
      const Results found = results_of(rounded, batch, kernels);
      EXPECT_EQ(found.logits.scalar_type(), torch::kFloat);
      EXPECT_LT(largest(found.logits - expected.logits), 0.05 * largest(expected.logits));
      EXPECT_FALSE(torch::equal(found.logits, expected.logits)) << "nothing was rounded";
      for (const auto& [name, gradient] : found.gradients) {
        ASSERT_TRUE(gradient.defined()) << name;
        EXPECT_EQ(gradient.scalar_type(), torch::kFloat) << name;
      }
      EXPECT_GT(test::cosine(flatten(found.gradients), flatten(expected.gradients)), 0.9995);
    }
  }
}

TEST_P(MethodContract, EightBitsAreCloseToFloat32) {
  if (GetParam().tuning.method == "finetune") GTEST_SKIP() << "no frozen layers";
  const Batch batch = noise_batch({2000, 1300});
  for (const std::string& kernels : kernels::runnable_kernels()) {
    for (const bool bf16 : {false, true}) {
      if (!test::can_quantise_with(kernels, bf16 ? torch::kBFloat16 : torch::kFloat)) continue;
      for (const test::TinyShape& shape : shapes()) {
        SCOPED_TRACE(fmt::format("{}, {}{}", shape.name, kernels, bf16 ? ", bf16" : ""));
        const Results expected = results_of(spec(shape), batch, kernels);
        ModelSpec rounded = spec(shape);
        rounded.model.bf16 = bf16;
        rounded.model.int8 = true;
        const Results found = results_of(rounded, batch, kernels);
        EXPECT_LT(largest(found.logits - expected.logits), 0.05 * largest(expected.logits));
        EXPECT_FALSE(torch::equal(found.logits, expected.logits)) << "nothing was rounded";
        EXPECT_GT(test::cosine(flatten(found.gradients), flatten(expected.gradients)), 0.999);
      }
    }
  }
}

TEST_P(MethodContract, CudaGivesTheSame) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
  const Batch batch = noise_batch({2000, 1300});
  for (const test::TinyShape& shape : shapes()) {
    SCOPED_TRACE(shape.name);
    ModelSpec here = spec(shape);
    here.tuning.prefix_dropout_prob = 0;  // a GPU draws other numbers
    const Results expected = results_of(here, batch, "aten");
    ModelSpec there = here;
    there.model.device = "cuda";
    compute_in_full_precision();
    const Results exact = results_of(there, batch, "aten");
    EXPECT_LT(test::relative_error(exact.logits, expected.logits), 1e-5);
    EXPECT_LT(test::relative_error(flatten(exact.gradients), flatten(expected.gradients)), 1e-4);
    there.model.bf16 = true;
    const Results rounded = results_of(there, batch, "aten");
    EXPECT_LT(largest(rounded.logits - expected.logits), 0.05 * largest(expected.logits));
    EXPECT_GT(test::cosine(flatten(rounded.gradients), flatten(expected.gradients)), 0.9995);
  }
}

TEST_P(MethodContract, GradientCheckpointingGivesTheSameGradients) {
  const Batch batch = noise_batch({2000, 1700, 1300});
  for (const test::TinyShape& shape : shapes()) {
    for (const bool bf16 : {false, true}) {
      SCOPED_TRACE(shape.name + (bf16 ? " bf16" : ""));
      ModelSpec plain = spec(shape);
      plain.model.bf16 = bf16;
      plain.model.device = "auto";
      // Dropout makes it hard: the second pass through a layer has to draw what the first drew.
      plain.model.dropout = 0.1;
      ModelSpec saving = plain;
      saving.model.gradient_checkpointing = true;
      const AdaptedModel model = AdaptedModel::create(plain, 1);
      const AdaptedModel checkpointed = AdaptedModel::create(saving, 1);
      perturb(model);
      perturb(checkpointed);
      const Gradients expected = gradients_of(model, batch);
      for (const auto& [name, gradient] : gradients_of(checkpointed, batch)) {
        ASSERT_EQ(gradient.defined(), expected.at(name).defined()) << name;
        if (!gradient.defined()) continue;
        // In bf16 the gradients of a layer's output may be added up in another order.
        const double tolerance = bf16 ? 1e-2 : 1e-5;
        EXPECT_LE(largest(gradient - expected.at(name)), tolerance * largest(expected.at(name)) + 1e-7) << name;
      }
    }
  }
}

TEST_P(MethodContract, WrongShapesAreRefused) {
  for (const test::TinyShape& shape : shapes()) {
    SCOPED_TRACE(shape.name);
    const AdaptedModel model = AdaptedModel::create(spec(shape), 1);
    Batch flat = noise_batch({2000});
    flat.audio = flat.audio[0];
    EXPECT_THROW(model.forward(flat, false), Error);
    Batch integers = noise_batch({2000});
    integers.audio = integers.audio.to(torch::kLong);
    EXPECT_THROW(model.forward(integers, false), Error);
    EXPECT_THROW(model.forward(noise_batch({10}), false), Error) << "too short for one frame";
    if (!shape.return_attention_mask) continue;
    Batch unequal = noise_batch({2000, 1300});
    unequal.lengths = unequal.lengths.slice(0, 0, 1);
    EXPECT_THROW(model.forward(unequal, false), Error);
  }
}

INSTANTIATE_TEST_SUITE_P(All, MethodContract, testing::ValuesIn(variants()),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace sure
