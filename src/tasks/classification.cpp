// One class per clip: cross-entropy, accuracy and F1.
#include <ATen/ops/tensor.h>

#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/softmax.h>

#include <algorithm>
#include <set>

#include "core/error.h"
#include "data/splits.h"
#include "metrics/classification.h"
#include "tasks/rows.h"

namespace sure {

namespace {

void check_held_out(const Dataset& data, Split split, const Labels& trained) {
  for (const Example& example : examples_of(data, split)) {
    if (std::binary_search(trained.begin(), trained.end(), example.target)) continue;
    fail(
        "{}: label '{}' of the {} split is never seen in training, which has {} labels; add training clips of it or "
        "leave it out",
        example.path.string(), example.target, adjective_of(split), trained.size());
  }
}

class ClassificationObjective : public Objective {
 public:
  explicit ClassificationObjective(Labels labels) : labels_(std::move(labels)) {}

  std::vector<int64_t> encode(const std::string& target) const override { return {class_index(labels_, target)}; }

  LossValue loss(const HeadOutput& output, const Tensor& targets) const override {
    return {at::cross_entropy_loss(output.logits, targets.select(1, 0))};
  }

  Postprocessor make_postprocessor(const DecodeOptions& /*options*/) const override {
    return [this](const HeadOutput& output) { return read(output.logits); };
  }

  Metrics metrics(const std::vector<Prediction>& predictions, const std::vector<std::string>& targets,
                  const std::vector<size_t>& chosen) const override {
    const Tensor matrix = confusion(predictions, targets, chosen);
    return {{"accuracy", accuracy(matrix)},
            {"f1", weighted_f1(matrix)},
            {"macro_f1", macro_f1(matrix)},
            {"uar", unweighted_average_recall(matrix)}};
  }

  nlohmann::ordered_json details(const std::vector<Prediction>& predictions,
                                 const std::vector<std::string>& targets) const override {
    const Tensor matrix = confusion(predictions, targets, in_order(predictions.size()));
    return {{"labels", labels_},
            {"per_class", class_scores_to_json(labels_, matrix)},
            {"confusion", confusion_to_json(matrix)}};
  }

  void for_each_answer(const std::vector<Prediction>& predictions, const std::vector<std::string>& targets,
                       const AnswerSink& sink) const override {
    for (size_t i = 0; i < predictions.size(); ++i) {
      const Prediction& prediction = predictions[i];
      sink({i}, {{"true", targets.at(i)},
                 {"predicted", prediction.text},
                 {"correct", prediction.text == targets[i]},
                 {"score", prediction.score},
                 {"probabilities", by_label(labels_, prediction.probabilities)}});
    }
  }

 private:
  std::vector<Prediction> read(const Tensor& logits) const {
    const Tensor scores = logits.to(at::kCPU, at::kFloat).contiguous();
    const Tensor probabilities = at::softmax(scores.to(at::kDouble), -1).contiguous();
    std::vector<Prediction> predictions(static_cast<size_t>(scores.size(0)));
    for (int64_t i = 0; i < scores.size(0); ++i) {
      Prediction& prediction = predictions[static_cast<size_t>(i)];
      const auto* logit = scores.const_data_ptr<float>() + i * scores.size(1);
      const auto* probability = probabilities.const_data_ptr<double>() + i * scores.size(1);
      const int64_t best = std::max_element(logit, logit + scores.size(1)) - logit;
      prediction.text = labels_.at(static_cast<size_t>(best));
      prediction.labels = {best};
      prediction.score = probability[best];
      prediction.logits.assign(logit, logit + scores.size(1));
      prediction.probabilities.assign(probability, probability + scores.size(1));
    }
    return predictions;
  }

  Tensor confusion(const std::vector<Prediction>& predictions, const std::vector<std::string>& targets,
                   const std::vector<size_t>& chosen) const {
    std::vector<int64_t> truth, predicted;
    for (const size_t i : chosen) {
      truth.push_back(class_index(labels_, targets.at(i)));
      predicted.push_back(predictions.at(i).labels.front());
    }
    return confusion_matrix(at::tensor(truth, at::kLong), at::tensor(predicted, at::kLong),
                            static_cast<int64_t>(labels_.size()));
  }

  Labels labels_;
};

}  // namespace

void prepare_classes(Dataset& /*data*/, const TargetOptions& /*options*/) {}

std::vector<std::string> label_targets(const Dataset& data) {
  std::set<std::string> targets;
  for (const auto* part : label_parts(data)) {
    for (const Example& example : *part) targets.insert(example.target);
  }
  return {targets.begin(), targets.end()};
}

Labels class_labels(const Dataset& data, const TargetOptions& /*options*/) {
  Labels trained = label_targets(data);
  check_held_out(data, Split::valid, trained);
  check_held_out(data, Split::test, trained);
  return data.labels.empty() ? trained : data.labels;
}

int64_t class_index(const Labels& labels, const std::string& name) {
  const auto found = std::find(labels.begin(), labels.end(), name);
  if (found != labels.end()) return found - labels.begin();
  fail("label '{}' is not one of the model's {} labels ({})", name, labels.size(), fmt::join(labels, ", "));
}

nlohmann::ordered_json confusion_to_json(const Tensor& confusion) {
  const Tensor counts = confusion.contiguous();
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (int64_t row = 0; row < counts.size(0); ++row) {
    const auto* first = counts.const_data_ptr<int64_t>() + row * counts.size(1);
    rows.push_back(std::vector<int64_t>(first, first + counts.size(1)));
  }
  return rows;
}

nlohmann::ordered_json class_scores_to_json(const Labels& labels, const Tensor& confusion) {
  const std::vector<ClassScores> scores = class_scores(confusion);
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (size_t i = 0; i < labels.size(); ++i) {
    json[labels[i]] = {{"precision", scores.at(i).precision},
                       {"recall", scores[i].recall},
                       {"f1", scores[i].f1},
                       {"support", scores[i].support}};
  }
  return json;
}

nlohmann::ordered_json by_label(const Labels& labels, const std::vector<double>& probabilities) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  for (size_t i = 0; i < labels.size(); ++i) json[labels[i]] = probabilities.at(i);
  return json;
}

std::unique_ptr<Objective> make_classification_objective(const Labels& labels, const std::optional<TokenRoles>&) {
  return std::make_unique<ClassificationObjective>(labels);
}

}  // namespace sure
