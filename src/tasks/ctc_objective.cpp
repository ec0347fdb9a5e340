#include "tasks/ctc_objective.h"

#include <ATen/core/Reduction.h>
#include <ATen/ops/ctc_loss.h>
#include <ATen/ops/log_softmax.h>

#include "core/error.h"
#include "data/batch.h"
#include "text/vocabulary.h"

namespace sure {

namespace {

/// Frames that CTC needs for each row: one a token, and a blank between equal neighbours. int64 [B].
Tensor frames_needed(const Tensor& targets) {
  const Tensor valid = targets != kNoTarget;
  const int64_t length = targets.size(1);
  const Tensor repeats =
      (targets.narrow(1, 1, length - 1) == targets.narrow(1, 0, length - 1)) & valid.narrow(1, 1, length - 1);
  return valid.sum(1) + repeats.sum(1);
}

std::string join(const std::vector<Word>& words) {
  std::vector<std::string> texts;
  for (const Word& word : words) texts.push_back(word.text);
  return fmt::format("{}", fmt::join(texts, " "));
}

class CtcObjective : public Objective {
 public:
  CtcObjective(const Labels& tokens, TranscriptMetrics measure) : vocabulary_(tokens), measure_(measure) {}

  std::vector<int64_t> encode(const std::string& target) const override {
    int64_t unknown = 0;
    std::vector<int64_t> ids = vocabulary_.encode(target, unknown);
    if (ids.empty()) fail("none of '{}' is in the model's vocabulary", target);
    return ids;
  }

  LossValue loss(const HeadOutput& output, const Tensor& targets) const override {
    const Tensor on_cpu = targets.cpu();
    const Tensor log_probs = at::log_softmax(output.logits, -1, at::kFloat).transpose(0, 1);
    const Tensor lengths = (on_cpu != kNoTarget).sum(1);
    LossValue value;
    value.mean = at::ctc_loss(log_probs, targets.clamp_min(0), output.frames, lengths, vocabulary_.blank(),
                              at::Reduction::Mean, /*zero_infinity=*/true);
    value.skipped = (output.frames < frames_needed(on_cpu)).sum().item<int64_t>();
    return value;
  }

  Reader make_reader(const DecodeOptions& options) const override {
    const auto decoder = std::make_shared<const Decoder>(options, vocabulary_.tokens(), vocabulary_.blank(),
                                                         vocabulary_.delimiter().value_or(-1));
    const bool own_words = !options.decoder_lexicon.empty();
    return [this, decoder, own_words](const HeadOutput& output) {
      const Tensor log_probs = at::log_softmax(output.logits, -1, at::kFloat).cpu();
      std::vector<Prediction> predictions;
      for (int64_t clip = 0; clip < log_probs.size(0); ++clip) {
        const Tensor valid = log_probs[clip].narrow(0, 0, output.frames[clip].item<int64_t>());
        predictions.push_back(to_prediction(decoder->decode(valid, output.seconds_per_frame), own_words));
      }
      return predictions;
    };
  }

  Metrics metrics(const std::vector<Prediction>& predictions, const std::vector<std::string>& targets,
                  const std::vector<size_t>& chosen) const override {
    std::vector<std::string> references, hypotheses;
    for (const size_t i : chosen) {
      references.push_back(targets.at(i));
      hypotheses.push_back(predictions.at(i).text);
    }
    return measure_(references, hypotheses);
  }

  nlohmann::ordered_json details(const std::vector<Prediction>& predictions,
                                 const std::vector<std::string>& targets) const override {
    nlohmann::ordered_json transcripts = nlohmann::ordered_json::array();
    for (size_t i = 0; i < predictions.size(); ++i) {
      transcripts.push_back({{"reference", targets.at(i)}, {"hypothesis", predictions[i].text}});
    }
    return {{"transcripts", transcripts}};
  }

 private:
  /// `own_words`: a lexicon says how words are written, not the tokens.
  Prediction to_prediction(const Transcript& transcript, bool own_words) const {
    Prediction prediction;
    prediction.labels = transcript.tokens;
    prediction.text = own_words ? join(transcript.words) : vocabulary_.decode(transcript.tokens);
    prediction.score = transcript.score;
    prediction.words = transcript.words;
    prediction.tokens = transcript.timed_tokens;
    return prediction;
  }

  Vocabulary vocabulary_;
  TranscriptMetrics measure_;
};

}  // namespace

std::unique_ptr<Objective> make_ctc_objective(const Labels& tokens, TranscriptMetrics measure) {
  return std::make_unique<CtcObjective>(tokens, measure);
}

}  // namespace sure
