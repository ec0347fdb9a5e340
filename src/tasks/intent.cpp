// Several classes per clip, one of each group, all from one head: the action, object and location of a spoken command.
// Labels are "group:class" ("action:activate"), groups one after another; a target is "activate|lights|kitchen".
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "core/error.h"
#include "metrics/classification.h"
#include "tasks/rows.h"
#include "text/text_lines.h"

namespace sure {

namespace {

const std::vector<std::string> kGroups = {"action", "object", "location"};

std::vector<std::string_view> split(const std::string& target) { return split_fields(target, '|'); }

/// "activate|lights|kitchen" -> {"action:activate", "object:lights", "location:kitchen"}.
std::vector<std::string> names_of(const std::string& target) {
  const std::vector<std::string_view> classes = split(target);
  if (classes.size() != kGroups.size()) {
    fail("intent '{}' has {} parts, expected {}", target, classes.size(), fmt::join(kGroups, "|"));
  }
  std::vector<std::string> names;
  for (size_t i = 0; i < classes.size(); ++i) names.push_back(fmt::format("{}:{}", kGroups[i], classes[i]));
  return names;
}

std::string class_of(const std::string& label) { return label.substr(label.find(':') + 1); }

/// Labels [first, first + size) belong to one group.
struct Group {
  std::string name;
  int64_t first = 0;
  int64_t size = 0;
};

std::vector<Group> find_groups(const Labels& labels) {
  std::vector<Group> groups;
  for (size_t i = 0; i < labels.size(); ++i) {
    const std::string name = labels[i].substr(0, labels[i].find(':'));
    if (groups.empty() || groups.back().name != name) groups.push_back({name, static_cast<int64_t>(i), 0});
    ++groups.back().size;
  }
  return groups;
}

/// Of the clips of one intent, the share that is right.
struct Recall {
  int64_t right = 0;
  int64_t clips = 0;

  void add(bool is_right) {
    right += is_right ? 1 : 0;
    ++clips;
  }
  double value() const { return static_cast<double>(right) / static_cast<double>(clips); }
};

class IntentObjective : public Objective {
 public:
  explicit IntentObjective(const Labels& labels) : labels_(labels), groups_(find_groups(labels)) {}

  std::vector<int64_t> encode(const std::string& target) const override {
    std::vector<int64_t> classes;
    for (const std::string& name : names_of(target)) classes.push_back(class_index(labels_, name));
    return classes;
  }

  LossValue loss(const HeadOutput& output, const Tensor& targets) const override {
    Tensor sum;
    for (size_t i = 0; i < groups_.size(); ++i) {
      const Tensor part = at::cross_entropy_loss(output.logits.narrow(1, groups_[i].first, groups_[i].size),
                                                 targets.select(1, static_cast<int64_t>(i)) - groups_[i].first);
      sum = sum.defined() ? sum + part : part;
    }
    return {sum};
  }

  Postprocessor make_postprocessor(const DecodeOptions& /*options*/) const override {
    return [this](const HeadOutput& output) {
      std::vector<Prediction> predictions;
      for (const Tensor& logits : output.logits.to(at::kCPU, at::kFloat).contiguous().unbind()) {
        predictions.push_back(read(logits));
      }
      return predictions;
    };
  }

  Metrics metrics(const std::vector<Prediction>& predictions, const std::vector<std::string>& targets,
                  const std::vector<size_t>& chosen) const override {
    int64_t all_right = 0;
    std::vector<int64_t> right(groups_.size());
    std::map<std::vector<int64_t>, Recall> of_intent;
    for (const size_t i : chosen) {
      const std::vector<int64_t> truth = encode(targets.at(i));
      const std::vector<int64_t>& found = predictions.at(i).labels;
      all_right += truth == found;
      of_intent[truth].add(truth == found);
      for (size_t group = 0; group < groups_.size(); ++group) right[group] += truth.at(group) == found.at(group);
    }
    const auto share = [&](int64_t count) {
      return static_cast<double>(count) / static_cast<double>(std::max<size_t>(chosen.size(), 1));
    };
    double recalls = 0;
    for (const auto& [intent, recall] : of_intent) recalls += recall.value();
    Metrics metrics = {{"accuracy", share(all_right)},
                       {"uar", recalls / static_cast<double>(std::max<size_t>(of_intent.size(), 1))}};
    for (size_t group = 0; group < groups_.size(); ++group) {
      metrics[groups_[group].name + "_accuracy"] = share(right[group]);
    }
    return metrics;
  }

  nlohmann::ordered_json details(const std::vector<Prediction>& predictions,
                                 const std::vector<std::string>& targets) const override {
    nlohmann::ordered_json per_class = nlohmann::ordered_json::object(), confusions = per_class;
    for (size_t group = 0; group < groups_.size(); ++group) {
      const Labels labels = labels_of(groups_[group]);
      const Tensor matrix = confusion(group, predictions, targets);
      per_class.update(class_scores_to_json(labels, matrix));
      Labels classes;
      for (const std::string& label : labels) classes.push_back(class_of(label));
      confusions[groups_[group].name] = {{"labels", classes}, {"confusion", confusion_to_json(matrix)}};
    }
    return {{"labels", labels_}, {"per_class", per_class}, {"confusions", confusions}};
  }

  void for_each_answer(const std::vector<Prediction>& predictions, const std::vector<std::string>& targets,
                       const AnswerSink& sink) const override {
    for (size_t i = 0; i < predictions.size(); ++i) {
      const Prediction& prediction = predictions[i];
      nlohmann::ordered_json answer = {{"true", targets.at(i)},
                                       {"predicted", prediction.text},
                                       {"correct", prediction.text == targets[i]},
                                       {"score", prediction.score}};
      const std::vector<std::string_view> asked = split(targets[i]);
      const std::vector<std::string_view> answered = split(prediction.text);
      for (size_t group = 0; group < groups_.size(); ++group) {
        answer["true_" + groups_[group].name] = asked.at(group);
        answer["predicted_" + groups_[group].name] = answered.at(group);
      }
      answer["probabilities"] = by_label(labels_, prediction.probabilities);
      sink({i}, answer);
    }
  }

 private:
  Labels labels_of(const Group& group) const {
    return {labels_.begin() + group.first, labels_.begin() + group.first + group.size};
  }

  /// Between the classes of one group.
  Tensor confusion(size_t group, const std::vector<Prediction>& predictions,
                   const std::vector<std::string>& targets) const {
    std::vector<int64_t> truth, predicted;
    for (size_t i = 0; i < predictions.size(); ++i) {
      truth.push_back(encode(targets.at(i)).at(group) - groups_[group].first);
      predicted.push_back(predictions[i].labels.at(group) - groups_[group].first);
    }
    return confusion_matrix(at::tensor(truth, at::kLong), at::tensor(predicted, at::kLong), groups_[group].size);
  }

  /// `logits`: fp32 [C].
  Prediction read(const Tensor& logits) const {
    Prediction prediction;
    const auto* first = logits.const_data_ptr<float>();
    prediction.logits.assign(first, first + logits.numel());
    prediction.score = 1;
    for (const Group& group : groups_) {
      const Tensor probabilities = at::log_softmax(logits.narrow(0, group.first, group.size).to(at::kDouble), 0).exp();
      const auto* begin = probabilities.const_data_ptr<double>();
      const int64_t best = std::max_element(begin, begin + group.size) - begin;
      prediction.probabilities.insert(prediction.probabilities.end(), begin, begin + group.size);
      prediction.labels.push_back(group.first + best);
      prediction.score *= begin[best];
      if (!prediction.text.empty()) prediction.text += '|';
      prediction.text += class_of(labels_.at(static_cast<size_t>(group.first + best)));
    }
    return prediction;
  }

  Labels labels_;
  std::vector<Group> groups_;
};

void check_held_out(const std::vector<Example>& examples, const std::set<std::string>& trained) {
  for (const Example& example : examples) {
    for (const std::string& name : names_of(example.target)) {
      if (trained.contains(name)) continue;
      fail("{}: '{}' is never seen in training; add training clips of it or leave it out", example.path.string(), name);
    }
  }
}

}  // namespace

void prepare_intents(Dataset& data, const TargetOptions& /*options*/) {
  for (const auto* part : all_parts(std::as_const(data))) {
    for (const Example& example : *part) names_of(example.target);
  }
}

Labels intent_labels(const Dataset& data, const TargetOptions& /*options*/) {
  std::set<std::string> trained;
  for (const std::string& target : label_targets(data)) {
    for (const std::string& name : names_of(target)) trained.insert(name);
  }
  check_held_out(data.valid, trained);
  check_held_out(data.test, trained);
  Labels labels;
  for (const std::string& group : kGroups) {
    std::copy_if(trained.begin(), trained.end(), std::back_inserter(labels),
                 [&](const std::string& name) { return name.starts_with(group + ":"); });
  }
  return labels;
}

std::unique_ptr<Objective> make_intent_objective(const Labels& labels, const std::optional<TokenRoles>&) {
  return std::make_unique<IntentObjective>(labels);
}

}  // namespace sure
