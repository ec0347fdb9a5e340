#include "metrics/classification.h"

#include <ATen/ops/bincount.h>
#include <ATen/ops/stack.h>

#include <algorithm>

#include "core/error.h"

namespace sure {

namespace {

/// F1 of each class, fp64 [C]; 0 for a class that occurs nowhere.
Tensor class_f1(const Tensor& confusion) {
  const Tensor hits = confusion.diagonal().to(at::kDouble);
  const Tensor seen = (confusion.sum(0) + confusion.sum(1)).to(at::kDouble);
  return 2 * hits / seen.clamp_min(1);
}

}  // namespace

Tensor confusion_matrix(const Tensor& labels, const Tensor& predicted, int64_t classes) {
  return at::bincount(labels * classes + predicted, {}, classes * classes).view({classes, classes});
}

std::vector<ClassScores> class_scores(const Tensor& confusion) {
  const Tensor hits = confusion.diagonal().to(at::kDouble);
  const Tensor support = confusion.sum(1);
  const Tensor columns = at::stack({hits / confusion.sum(0).clamp_min(1), hits / support.clamp_min(1),
                                    class_f1(confusion), support.to(at::kDouble)},
                                   1)
                             .contiguous();
  std::vector<ClassScores> scores;
  const double* row = columns.const_data_ptr<double>();
  for (int64_t i = 0; i < columns.size(0); ++i, row += columns.size(1)) {
    scores.push_back({row[0], row[1], row[2], static_cast<int64_t>(row[3])});
  }
  return scores;
}

double accuracy(const Tensor& confusion) {
  return confusion.trace().item<double>() / confusion.sum().clamp_min(1).item<double>();
}

double unweighted_average_recall(const Tensor& confusion) {
  const Tensor support = confusion.sum(1);
  const Tensor recall = confusion.diagonal().to(at::kDouble) / support.clamp_min(1);
  return recall.sum().item<double>() / (support > 0).sum().clamp_min(1).item<double>();
}

double macro_f1(const Tensor& confusion) {
  const Tensor occurs = (confusion.sum(0) + confusion.sum(1)) > 0;
  return class_f1(confusion).sum().item<double>() / occurs.sum().clamp_min(1).item<double>();
}

double weighted_f1(const Tensor& confusion) {
  const Tensor support = confusion.sum(1).to(at::kDouble);
  return ((class_f1(confusion) * support).sum() / support.sum().clamp_min(1)).item<double>();
}

double all_correct(const Tensor& predicted, const Tensor& labels) {
  if (labels.dim() != 2 || predicted.sizes() != labels.sizes()) {
    fail("accuracy: predictions {} for labels {}; expected the same [clips, labels]", predicted.sizes(),
         labels.sizes());
  }
  const Tensor right = (predicted == labels).all(/*dim=*/1);
  return right.sum().item<double>() / static_cast<double>(std::max<int64_t>(right.numel(), 1));
}

}  // namespace sure
