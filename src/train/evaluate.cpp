#include <algorithm>
#include <optional>

#include "core/clock.h"
#include "core/error.h"
#include "data/batch.h"
#include "train/gathered_evaluation.h"
#include "train/trainer.h"

namespace sure {

namespace {

/// The mean over the clips that have a loss; nothing where none has.
std::optional<double> mean_loss(const std::vector<BatchOutcome>& outcomes, int64_t clips, int64_t skipped) {
  if (skipped == clips) return std::nullopt;
  double total = 0;
  for (const BatchOutcome& outcome : outcomes) total += outcome.loss;
  return total / static_cast<double>(clips - skipped);
}

/// Clips of like length together where a batch is padded to its longest: less of it is padding.
std::vector<std::vector<size_t>> make_plan(const std::vector<Example>& examples, int64_t batch_size,
                                           const CollateOptions& collate) {
  if (collate.padding == Padding::max_length) return sequential_batches(examples.size(), batch_size);
  return sorted_batches(file_sizes(examples), batch_size);
}

void require_finite(const Tensor& values, const Batch& batch, const std::vector<Example>& examples) {
  const Tensor bad = (~values.flatten(1).isfinite().all(1)).nonzero();
  if (bad.numel() == 0) return;
  fail("{}: the model's output for it is not finite; train again with a lower --learning_rate",
       examples.at(batch.indices.at(static_cast<size_t>(bad[0].item<int64_t>()))).path.string());
}

}  // namespace

Evaluation evaluate(const AdaptedModel& model, const std::vector<Example>& examples, int64_t batch_size,
                    const DecodeOptions& decode, TrainObserver& observer, World& world) {
  if (examples.empty()) fail("nothing to evaluate: the split has no clips");
  const auto start = Clock::now();
  const Objective& objective = model.objective();
  const Postprocessor read = objective.make_postprocessor(decode);
  const CollateOptions collate = model.collate_options();
  const auto plan = make_plan(examples, batch_size, collate);
  const std::vector<size_t> numbers = batches_of(world.rank(), plan.size(), world);
  std::vector<std::vector<size_t>> own;
  for (const size_t number : numbers) own.push_back(plan[number]);
  Prefetcher prefetcher(std::move(own), [&](const std::vector<size_t>& indices) {
    return load_batch(examples, indices, target_encoder(model), collate, /*augment=*/false, /*seed=*/0);
  });
  Evaluation evaluation;
  evaluation.predictions.resize(examples.size());
  std::vector<BatchOutcome> outcomes(plan.size());
  int64_t done = 0;
  auto number = numbers.begin();
  for (Batch batch; prefetcher.next(batch); ++number) {
    const HeadOutput output = model.forward(batch, /*training=*/false);
    require_finite(output.logits, batch, examples);
    const LossValue loss = objective.loss(output, batch.targets.to(output.logits.device()));
    const int64_t clips = batch.targets.size(0);
    outcomes.at(*number) = {loss.mean.item<double>() * static_cast<double>(clips), loss.skipped};
    std::vector<Prediction> predictions = read(output);
    for (size_t i = 0; i < predictions.size(); ++i) {
      evaluation.predictions.at(batch.indices.at(i)) = std::move(predictions[i]);
    }
    done = std::min(done + clips * world.size(), std::ssize(examples));
    observer.on_evaluation_progress(done, std::ssize(examples));
  }
  gather_evaluation(plan, evaluation.predictions, outcomes, world);
  for (const Example& example : examples) evaluation.targets.push_back(example.target);
  evaluation.metrics = objective.metrics(evaluation.predictions, evaluation.targets, in_order(examples.size()));
  for (const BatchOutcome& outcome : outcomes) evaluation.skipped += outcome.skipped;
  const auto mean = mean_loss(outcomes, std::ssize(examples), evaluation.skipped);
  if (mean) evaluation.metrics["loss"] = *mean;
  evaluation.seconds = seconds_since(start);
  return evaluation;
}

}  // namespace sure
