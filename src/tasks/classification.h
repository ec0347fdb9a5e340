// One class per clip: cross-entropy, accuracy and F1.
#pragma once

#include <memory>

#include "tasks/task.h"

namespace sure {

/// Targets are class names already.
void prepare_classes(Dataset& data, const TargetOptions& options);

/// The corpus' own order, or the sorted names of the training part. Throws Error for a held-out clip of another class.
Labels class_labels(const Dataset& data, const TargetOptions& options);

/// A confusion matrix as rows of counts.
nlohmann::ordered_json confusion_to_json(const Tensor& confusion);

/// {label: {"precision", "recall", "f1", "support"}} of a confusion matrix over these labels.
nlohmann::ordered_json class_scores_to_json(const Labels& labels, const Tensor& confusion);

/// {label: probability}.
nlohmann::ordered_json by_label(const Labels& labels, const std::vector<double>& probabilities);

/// Metrics: accuracy, f1 (weighted by the classes' true examples), macro_f1, each in [0, 1].
std::unique_ptr<Objective> make_classification_objective(const Labels& labels,
                                                         const std::optional<TokenRoles>& = std::nullopt);

/// The place of `name` in `labels`. Throws Error naming both.
int64_t class_index(const Labels& labels, const std::string& name);

}  // namespace sure
