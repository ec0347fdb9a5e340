#include <chrono>

#include "core/error.h"
#include "data/batch.h"
#include "train/trainer.h"

namespace sure {

namespace {

using Clock = std::chrono::steady_clock;

/// Sums over batches.
struct LossSum {
  double total = 0;
  int64_t skipped = 0;

  void add(const LossValue& loss, int64_t clips) {
    total += loss.mean.item<double>() * static_cast<double>(clips);
    skipped += loss.skipped;
  }
};

void require_finite(const Tensor& values, const Batch& batch, const std::vector<Example>& examples) {
  const Tensor bad = (~values.flatten(1).isfinite().all(1)).nonzero();
  if (bad.numel() == 0) return;
  fail("{}: the model's output for it is not finite; train again with a lower --learning_rate",
       examples.at(batch.indices.at(static_cast<size_t>(bad[0].item<int64_t>()))).path.string());
}

}  // namespace

Evaluation evaluate(const AdaptedModel& model, const std::vector<Example>& examples, int64_t batch_size,
                    const DecodeOptions& decode, TrainObserver& observer) {
  if (examples.empty()) fail("nothing to evaluate: the split has no clips");
  const auto start = Clock::now();
  const Objective& objective = model.objective();
  const Reader read = objective.make_reader(decode);
  const CollateOptions collate = model.collate_options();
  Prefetcher prefetcher(sequential_batches(examples.size(), batch_size), [&](const std::vector<size_t>& indices) {
    return load_batch(examples, indices, target_encoder(model), collate, /*augment=*/false, /*seed=*/0);
  });
  Evaluation evaluation;
  LossSum loss;
  for (Batch batch; prefetcher.next(batch);) {
    const HeadOutput output = model.forward(batch, /*training=*/false);
    require_finite(output.logits, batch, examples);
    loss.add(objective.loss(output, batch.targets.to(output.logits.device())), batch.targets.size(0));
    for (Prediction& prediction : read(output)) evaluation.predictions.push_back(std::move(prediction));
    observer.on_evaluation_progress(std::ssize(evaluation.predictions), std::ssize(examples));
  }
  for (const Example& example : examples) evaluation.targets.push_back(example.target);
  evaluation.metrics = objective.metrics(evaluation.predictions, evaluation.targets, every_clip(examples.size()));
  evaluation.metrics["loss"] = loss.total / static_cast<double>(examples.size());
  evaluation.skipped = loss.skipped;
  evaluation.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return evaluation;
}

}  // namespace sure
