// What several adapters promise on one encoder: each row of a batch goes through its own, whatever stands beside it.
// Runs over every pair of methods and every backbone; a new row of either table is tested the moment it exists.
#include <gmock/gmock.h>

#include <algorithm>

#include "kernels/dispatch.h"
#include "model/mixed_batch.h"
#include "tests/support/adapted_models.h"
#include "tests/support/close.h"
#include "tests/support/errors.h"

namespace sure {

namespace {

using test::noise_batch;
using testing::HasSubstr;

constexpr double kRounding = 1e-5;

/// Methods that leave the encoder alone.
std::vector<std::string> sharing_methods() {
  std::vector<std::string> names;
  for (const TuningMethod& method : tuning_methods()) {
    if (!method.trains_backbone) names.push_back(method.name);
  }
  return names;
}

ModelSpec spec_of(const std::string& shape, const TuningOptions& tuning) {
  ModelSpec spec = test::tiny_spec(shape, tuning);
  spec.tuning.squeeze_reduction = 2;
  spec.tuning.prefix_dropout_prob = 0;
  spec.model.padding = Padding::exact;
  return spec;
}

ModelSpec spec_of(const std::string& shape, const std::string& method) {
  return spec_of(shape, test::tiny_spec(shape, method).tuning);
}

/// Models on one encoder, each moved away from its start.
class Beside {
 public:
  explicit Beside(const std::string& shape) : host_(AdaptedModel::create(spec_of(shape, "head"), 1)) {}

  const AdaptedModel& add(const ModelSpec& spec) {
    models_.push_back(std::make_unique<AdaptedModel>(AdaptedModel::create_beside(host_, spec, models_.size() + 2)));
    test::perturb(*models_.back());
    return *models_.back();
  }

  const AdaptedModel& host() const { return host_; }

 private:
  AdaptedModel host_;
  std::vector<std::unique_ptr<AdaptedModel>> models_;
};

Batch clip_of(const Batch& batch, int64_t row) {
  Batch clip;
  clip.lengths = batch.lengths.narrow(0, row, 1);
  clip.audio = batch.audio.narrow(0, row, 1).narrow(1, 0, clip.lengths.item<int64_t>());
  clip.targets = batch.targets.narrow(0, row, 1);
  return clip;
}

void expect_rows_as_alone(const std::vector<const AdaptedModel*>& of_rows, const Batch& batch) {
  for (const MixedOutput& part : forward_mixed(of_rows, batch, /*training=*/false)) {
    for (size_t i = 0; i < part.rows.size(); ++i) {
      const Tensor alone = part.model->forward(clip_of(batch, part.rows[i]), false).logits[0];
      const Tensor mixed = part.output.logits[static_cast<int64_t>(i)].narrow(0, 0, alone.size(0));
      EXPECT_LT(test::relative_error(mixed, alone), kRounding)
          << part.model->spec().tuning.method << " in row " << part.rows[i];
    }
  }
}

void clear_gradients(const AdaptedModel& model) {
  for (const NamedTensor& parameter : model.trained()) Tensor(parameter.value).mutable_grad() = Tensor();
}

Tensor gradients_of(const AdaptedModel& model) {
  std::vector<Tensor> parts;
  for (const NamedTensor& parameter : model.trained()) {
    const Tensor& gradient = parameter.value.grad();
    parts.push_back((gradient.defined() ? gradient : at::zeros_like(parameter.value)).flatten());
  }
  return at::cat(parts);
}

/// The sum of its rows' losses.
Tensor loss_of(const MixedOutput& part, const Batch& batch) {
  const Tensor targets = batch.targets.index_select(0, at::tensor(part.rows));
  return part.model->objective().loss(part.output, targets).mean * static_cast<double>(part.rows.size());
}

void expect_gradients_as_alone(const std::vector<const AdaptedModel*>& of_rows, const Batch& batch) {
  for (const AdaptedModel* model : of_rows) clear_gradients(*model);
  Tensor total = at::zeros({});
  for (const MixedOutput& part : forward_mixed(of_rows, batch, /*training=*/true)) total = total + loss_of(part, batch);
  total.backward();
  std::map<const AdaptedModel*, Tensor> mixed;
  for (const AdaptedModel* model : of_rows) mixed[model] = gradients_of(*model);
  for (const auto& [model, found] : mixed) {
    clear_gradients(*model);
    for (size_t row = 0; row < of_rows.size(); ++row) {
      if (of_rows[row] != model) continue;
      const Batch clip = clip_of(batch, static_cast<int64_t>(row));
      model->objective().loss(model->forward(clip, true), clip.targets).mean.backward();
    }
    EXPECT_LT(test::relative_error(found, gradients_of(*model)), 1e-4) << model->spec().tuning.method;
  }
}

class MixedContract : public testing::TestWithParam<test::TinyShape> {};

}  // namespace

TEST_P(MixedContract, EveryPairOfMethodsGivesEachRowItsOwn) {
  const Batch batch = noise_batch({2400, 1300, 2000});
  for (const std::string& kernels : {std::string(kernels::chosen_kernels()), std::string("aten")}) {
    const kernels::ScopedKernels scope(kernels);
    Beside models(GetParam().name);
    std::vector<const AdaptedModel*> of_method;
    for (const std::string& method : sharing_methods())
      of_method.push_back(&models.add(spec_of(GetParam().name, method)));
    for (const AdaptedModel* first : of_method) {
      for (const AdaptedModel* second : of_method) {
        if (first == second) continue;
        SCOPED_TRACE(first->spec().tuning.method + " beside " + second->spec().tuning.method + ", kernels " + kernels);
        expect_rows_as_alone({first, second, first}, batch);
        expect_gradients_as_alone({first, second, first}, batch);
      }
    }
  }
}

TEST_P(MixedContract, SixteenClipsWithSixteenAdapters) {
  Beside models(GetParam().name);
  std::vector<const AdaptedModel*> of_rows;
  for (int64_t i = 0; i < 16; ++i) {
    TuningOptions tuning;
    tuning.method = std::vector<std::string>{"lora", "conv_adapter", "bottleneck", "prefix", "head"}[i % 5];
    tuning.lora_rank = 2 + i % 3;  // odd ones too, which no kernel takes
    tuning.lora_alpha = static_cast<double>(1 + i);
    tuning.prefix_seq_len = 1 + i;
    tuning.mh_adapter = i % 2 == 0;
    tuning.feat_enc_adapter = i == 6;
    of_rows.push_back(&models.add(spec_of(GetParam().name, tuning)));
  }
  std::vector<int64_t> lengths;
  for (int64_t i = 0; i < 16; ++i) lengths.push_back(1000 + 137 * i);
  const Batch batch = noise_batch(lengths);
  expect_rows_as_alone(of_rows, batch);
  expect_gradients_as_alone(of_rows, batch);
}

TEST_P(MixedContract, HeadsThatReadAllLayersOrFramesStandBesideOthers) {
  Beside models(GetParam().name);
  ModelSpec weighted = spec_of(GetParam().name, "lora");
  weighted.head.use_weighted_layer_sum = true;
  ModelSpec transcripts = spec_of(GetParam().name, "bottleneck");
  transcripts.task = "asr";
  transcripts.labels = {"<pad>", "|", "a", "b"};
  const std::vector<const AdaptedModel*> of_rows = {&models.add(transcripts), &models.add(weighted),
                                                    &models.add(spec_of(GetParam().name, "prefix"))};
  expect_rows_as_alone(of_rows, noise_batch({1500, 2300, 1900}));
}

TEST_P(MixedContract, AdaptersOfFilesAreReadWithoutTheEncoder) {
  const test::TemporaryFolder folder;
  const AdaptedModel saved = AdaptedModel::create(spec_of(GetParam().name, "lora"), 1);
  test::perturb(saved);
  saved.save(folder.path());
  const Beside models(GetParam().name);
  const AdaptedModel loaded = AdaptedModel::load_beside(models.host(), folder.path());
  EXPECT_EQ(&loaded.backbone(), &models.host().backbone());
  const Batch batch = noise_batch({2000, 1300});
  EXPECT_TRUE(torch::equal(loaded.forward(batch, false).logits, saved.forward(batch, false).logits));
}

INSTANTIATE_TEST_SUITE_P(All, MixedContract, testing::ValuesIn(test::tiny_shapes()),
                         [](const auto& instance) { return instance.param.name; });

TEST(MixedModels, MethodsThatTrainTheEncoderCannotShareIt) {
  for (const TuningMethod& method : tuning_methods()) {
    if (!method.trains_backbone || method.applies_to != nullptr) continue;
    const ModelSpec spec = spec_of("hubert_base", method.name);
    const Beside models("hubert_base");
    EXPECT_THAT(test::message_of([&] { AdaptedModel::create_beside(models.host(), spec, 1); }),
                HasSubstr("method " + method.name + " changes the encoder"));
    const AdaptedModel host = AdaptedModel::create(spec, 1);
    EXPECT_THAT(test::message_of([&] { AdaptedModel::create_beside(host, spec_of("hubert_base", "lora"), 1); }),
                HasSubstr("method " + method.name + " changes the encoder"));
  }
}

TEST(MixedModels, AnAdapterOfAnotherEncoderIsRefused) {
  const test::TemporaryFolder folder;
  AdaptedModel::create(spec_of("wav2vec2_large", "lora"), 1).save(folder.path());
  const Beside models("hubert_base");
  EXPECT_THAT(test::message_of([&] { AdaptedModel::load_beside(models.host(), folder.path()); }),
              HasSubstr("trained on another backbone"));
}

TEST(MixedModels, EncodersOfTheirOwnAreNoBatch) {
  const AdaptedModel one = AdaptedModel::create(spec_of("hubert_base", "lora"), 1);
  const AdaptedModel other = AdaptedModel::create(spec_of("hubert_base", "lora"), 1);
  EXPECT_THAT(test::message_of([&] { forward_mixed({&one, &other}, noise_batch({2000, 1300}), false); }),
              HasSubstr("need one encoder"));
}

}  // namespace sure
