#include <chrono>

#include "core/error.h"
#include "data/batch.h"
#include "train/trainer.h"

namespace sure {

namespace {

using Clock = std::chrono::steady_clock;

Predictions predict(const AdaptedModel& model, const std::vector<Example>& examples, int64_t batch_size,
                    TrainObserver& observer) {
  const CollateOptions collate = model.collate_options();
  Prefetcher prefetcher(sequential_batches(examples.size(), batch_size), [&](const std::vector<size_t>& indices) {
    return load_batch(examples, indices, model.spec().labels, collate, /*augment=*/false, /*seed=*/0);
  });
  std::vector<Tensor> logits, labels;
  int64_t done = 0;
  for (Batch batch; prefetcher.next(batch);) {
    logits.push_back(model.forward(batch, /*training=*/false).cpu());
    labels.push_back(batch.labels);
    done += batch.labels.numel();
    observer.on_evaluation_progress(done, static_cast<int64_t>(examples.size()));
  }
  return {at::cat(logits), at::cat(labels)};
}

void require_finite(const Tensor& logits, const std::vector<Example>& examples) {
  const Tensor bad = (~logits.isfinite().all(1)).nonzero();
  if (bad.numel() == 0) return;
  fail("{}: the model's output for it is not finite; train again with a lower --learning_rate",
       examples.at(static_cast<size_t>(bad[0].item<int64_t>())).path.string());
}

}  // namespace

Evaluation evaluate(const AdaptedModel& model, const std::vector<Example>& examples, int64_t batch_size,
                    TrainObserver& observer) {
  if (examples.empty()) fail("nothing to evaluate: the split has no clips");
  const auto start = Clock::now();
  Evaluation evaluation;
  evaluation.predictions = predict(model, examples, batch_size, observer);
  const auto& [logits, labels] = evaluation.predictions;
  require_finite(logits, examples);
  evaluation.metrics = model.task().metrics(evaluation.predictions);
  evaluation.metrics["loss"] = model.task().loss(logits, labels).item<double>();
  evaluation.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return evaluation;
}

}  // namespace sure
