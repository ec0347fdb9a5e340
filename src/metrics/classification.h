// Metrics of classification, as scikit-learn defines them (zero_division = 0).
#pragma once

#include <cstdint>
#include <vector>

#include "core/tensor.h"

namespace sure {

/// int64 [C, C]: rows are true classes, columns predicted ones. `labels` and `predicted` are int64 [N] in [0, C).
Tensor confusion_matrix(const Tensor& labels, const Tensor& predicted, int64_t classes);

/// What became of one class.
struct ClassScores {
  double precision = 0;  // of the clips that were given this label, how many have it
  double recall = 0;     // of the clips that have it, how many were given it
  double f1 = 0;
  int64_t support = 0;  // clips that have it
};

/// Of each class, in the matrix' order.
std::vector<ClassScores> class_scores(const Tensor& confusion);

double accuracy(const Tensor& confusion);
/// Mean recall of the classes that have true clips, whatever their number: scikit-learn's balanced accuracy.
double unweighted_average_recall(const Tensor& confusion);
/// Mean of the F1 of classes that occur in labels or predictions.
double macro_f1(const Tensor& confusion);
/// F1 of each class weighted by its number of true examples.
double weighted_f1(const Tensor& confusion);

/// Share of clips whose every label is right, such as action, object and location of an intent; 0 of no clips.
/// `predicted` and `labels` are int64 [N, K].
double all_correct(const Tensor& predicted, const Tensor& labels);

}  // namespace sure
