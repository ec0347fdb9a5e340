#include "train/graphed_step.h"

#include <gmock/gmock.h>
#include <torch/cuda.h>

#include "core/registry.h"
#include "model/device.h"
#include "tasks/synthesis.h"
#include "tests/support/adapted_models.h"
#include "tests/support/close.h"
#include "tests/support/errors.h"

namespace sure {

namespace {

ModelSpec spec_of(const std::string& method) {
  ModelSpec spec = test::tiny_spec("wav2vec2_base", method);
  spec.model.padding = Padding::max_length;
  spec.model.max_samples = 2000;
  return spec;
}

std::string obstacle(const ModelSpec& spec) { return AdaptedModel::create(spec, 1).graph_obstacle(); }

template <class Act>
bool throws(Act&& act) {
  try {
    act();
  } catch (const std::exception&) {
    return true;
  }
  return false;
}

/// What a step leaves behind: the loss and then all gradients.
Tensor results(const AdaptedModel& model, const Tensor& loss) {
  std::vector<Tensor> parts = {loss.detach().cpu().flatten()};
  for (const NamedTensor& parameter : model.trained()) {
    if (parameter.value.grad().defined()) parts.push_back(parameter.value.grad().cpu().flatten());
    Tensor(parameter.value).mutable_grad() = Tensor();
  }
  return torch::cat(parts);
}

Tensor eager(const AdaptedModel& model, const Batch& batch) {
  const Tensor loss = model.objective().loss(model.forward(batch, true), batch.targets.to(model.device())).mean;
  loss.backward();
  return results(model, loss);
}

}  // namespace

TEST(GraphedStep, NeedsStepsThatAreAllAlike) {
  EXPECT_EQ(obstacle(spec_of("lora")), "");
  ModelSpec spec = spec_of("lora");
  spec.model.padding = Padding::longest;
  EXPECT_THAT(obstacle(spec), testing::HasSubstr("--padding max_length"));
  spec = spec_of("lora");
  spec.model.layerdrop = 0.1;
  EXPECT_THAT(obstacle(spec), testing::HasSubstr("--layerdrop 0"));
  spec = spec_of("lora");
  spec.model.spec_augment.mask_time_prob = 0.1;
  EXPECT_THAT(obstacle(spec), testing::HasSubstr("--mask_time_prob"));
  spec = spec_of("lora");
  spec.model.gradient_checkpointing = true;
  EXPECT_THAT(obstacle(spec), testing::HasSubstr("--gradient_checkpointing"));
  spec = spec_of("lora");
  spec.model.model = test::tiny_model("wav2vec2_large");  // with an attention mask
  EXPECT_THAT(obstacle(spec), testing::HasSubstr("attention mask"));
}

TEST(GraphedStep, IsRefusedForWhatWaitsForValuesOfTheDevice) {
  for (const Task& task : tasks()) {
    if (makes_speech(task)) continue;
    SCOPED_TRACE(task.name);
    ModelSpec spec = spec_of("lora");
    spec.task = task.name;
    spec.labels = {"<pad>", "|", "a", "b"};
    if (task.name == "intent") spec.labels = {"action:a", "object:b", "location:c"};
    const AdaptedModel outline = AdaptedModel::outline(spec);
    // On the meta device there are no values: whoever asks for one throws.
    const auto step = [&] {
      Batch batch = test::noise_batch({2000, 2000});
      batch.audio = batch.audio.to(torch::kMeta);
      batch.targets = torch::zeros({2, 3}, torch::kLong).to(torch::kMeta);
      training_loss(outline, batch).mean.backward();
    };
    EXPECT_EQ(outline.graph_obstacle().empty(), !throws(step)) << outline.graph_obstacle();
  }
}

TEST(GraphedStep, SaysWhereItCannotBe) {
  if (records_gpu_graphs()) GTEST_SKIP() << "this build can";
  const AdaptedModel model = AdaptedModel::create(spec_of("lora"), 1);
  GraphedStep step(model);
  EXPECT_THAT(test::message_of([&] { step.run(test::noise_batch({2000, 2000})); }),
              testing::HasSubstr("CUDA's headers"));
}

TEST(GraphedStep, GivesTheSameAsTheStepItRecorded) {
  if (!records_gpu_graphs() || !torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
  for (const TuningMethod& method : tuning_methods()) {
    if (method.applies_to != nullptr) continue;
    ModelSpec spec = spec_of(method.name);
    spec.model.device = "cuda";
    compute_in_full_precision();
    spec.model.dropout = 0.1;  // drawn anew in each replay
    const AdaptedModel model = AdaptedModel::create(spec, 1);
    test::perturb(model);
    GraphedStep step(model);
    for (const uint64_t turn : {1, 2, 3}) {
      SCOPED_TRACE(fmt::format("{}, turn {}", method.name, turn));
      const Batch batch = test::noise_batch({2000, 2000, 2000}, turn);
      at::manual_seed(turn);
      const Tensor expected = eager(model, batch);
      at::manual_seed(turn);
      const Tensor loss = step.run(batch);
      EXPECT_LT(test::relative_error(results(model, loss), expected), 1e-5);
    }
    EXPECT_FALSE(step.fits(test::noise_batch({2000, 2000})));
  }
}

}  // namespace sure
