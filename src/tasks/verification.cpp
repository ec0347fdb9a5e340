// Are two clips of one speaker? Trained by telling the training speakers apart: AM-softmax (Wang et al. 2018) on the
// cosines of an x-vector head. Speakers of validation and test need not be among them.
#include <ATen/core/Reduction.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>

#include <algorithm>

#include "data/batch.h"
#include "tasks/heads.h"
#include "tasks/rows.h"
#include "tasks/voice_trials.h"

namespace sure {

namespace {

// As transformers' AMSoftmaxLoss.
constexpr double kMargin = 0.4;
constexpr double kScale = 30.0;

constexpr const char* kVerdicts[] = {"different", "same"};

/// fp32 [N, E].
Tensor stack_embeddings(const std::vector<Prediction>& predictions) {
  std::vector<Tensor> rows;
  for (const Prediction& prediction : predictions) rows.push_back(at::tensor(prediction.embedding));
  return at::stack(rows);
}

class VerificationObjective : public Objective {
 public:
  explicit VerificationObjective(Labels speakers) : speakers_(std::move(speakers)) {}

  std::vector<int64_t> encode(const std::string& target) const override {
    const auto found = std::find(speakers_.begin(), speakers_.end(), target);
    if (found == speakers_.end()) return {kNoTarget};
    return {found - speakers_.begin()};
  }

  LossValue loss(const HeadOutput& output, const Tensor& targets) const override {
    const Tensor speaker = targets.select(1, 0);
    const Tensor own = at::one_hot(speaker.clamp_min(0), output.logits.size(1));
    const Tensor sum = at::cross_entropy_loss(kScale * (output.logits - kMargin * own), speaker, /*weight=*/{},
                                              at::Reduction::Sum, kNoTarget);
    return {sum / speaker.size(0), (speaker == kNoTarget).sum().item<int64_t>()};
  }

  std::string graph_obstacle() const override {
    return "the loss of this task counts clips of unknown speakers on the processor";
  }

  Postprocessor make_postprocessor(const DecodeOptions& /*options*/) const override {
    return [](const HeadOutput& output) {
      const Tensor units = unit_vectors(output.embedding.to(at::kCPU, at::kFloat), 1).contiguous();
      std::vector<Prediction> predictions(static_cast<size_t>(units.size(0)));
      const auto* row = units.const_data_ptr<float>();
      for (Prediction& prediction : predictions) {
        prediction.embedding.assign(row, row + units.size(1));
        row += units.size(1);
      }
      return predictions;
    };
  }

  Metrics metrics(const std::vector<Prediction>& predictions, const std::vector<std::string>& targets,
                  const std::vector<size_t>& chosen) const override {
    const VerificationResult result = measure(predictions, targets, chosen);
    return {{"eer", result.eer.rate}, {"min_dcf", result.min_dcf}};
  }

  nlohmann::ordered_json details(const std::vector<Prediction>& predictions,
                                 const std::vector<std::string>& targets) const override {
    const VerificationResult result = measure(predictions, targets, in_order(predictions.size()));
    return {{"target_trials", result.same},
            {"non_target_trials", result.different},
            {"eer_threshold", result.eer.threshold}};
  }

  /// A pair is accepted at the threshold where both errors are as frequent.
  void for_each_answer(const std::vector<Prediction>& predictions, const std::vector<std::string>& targets,
                       const AnswerSink& sink) const override {
    const VoiceTrials trials = pair_clips(targets, in_order(predictions.size()));
    const Tensor scores = score_trials(stack_embeddings(predictions), trials).contiguous();
    const double threshold = measure_trials(scores, trials).eer.threshold;
    const Tensor clips = at::stack({trials.first, trials.second, trials.same}, 1).contiguous();
    const auto* row = clips.const_data_ptr<int64_t>();
    for (int64_t i = 0; i < clips.size(0); ++i, row += clips.size(1)) {
      const auto score = static_cast<double>(scores.const_data_ptr<float>()[i]);
      const bool same = row[2] == 1;
      const bool accepted = score >= threshold;
      sink({static_cast<size_t>(row[0]), static_cast<size_t>(row[1])}, {{"true", kVerdicts[same]},
                                                                        {"predicted", kVerdicts[accepted]},
                                                                        {"correct", same == accepted},
                                                                        {"score", score}});
    }
  }

 private:
  static VerificationResult measure(const std::vector<Prediction>& predictions, const std::vector<std::string>& targets,
                                    const std::vector<size_t>& chosen) {
    const VoiceTrials trials = pair_clips(targets, chosen);
    return measure_trials(score_trials(stack_embeddings(predictions), trials), trials);
  }

  Labels speakers_;
};

}  // namespace

Labels voice_labels(const Dataset& data, const TargetOptions& /*options*/) { return label_targets(data); }

std::unique_ptr<Objective> make_verification_objective(const Labels& speakers, const std::optional<TokenRoles>&) {
  return std::make_unique<VerificationObjective>(speakers);
}

}  // namespace sure
