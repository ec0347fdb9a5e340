#include "tasks/ctc_objective.h"

#include <ATen/core/Reduction.h>
#include <ATen/ops/ctc_loss.h>
#include <ATen/ops/log_softmax.h>

#include "core/error.h"
#include "data/batch.h"
#include "text/utf8.h"
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

nlohmann::ordered_json edits_to_json(const EditCounts& counts) {
  return {{"substitutions", counts.substitutions}, {"deletions", counts.deletions}, {"insertions", counts.insertions}};
}

nlohmann::ordered_json to_json(const EditCounts& counts) {
  nlohmann::ordered_json json = {{"count", counts.reference_length}};
  json.update(edits_to_json(counts));
  json["rate"] = error_rate(counts);
  return json;
}

class CtcObjective : public Objective {
 public:
  CtcObjective(Vocabulary vocabulary, TranscriptMeasure measure)
      : vocabulary_(std::move(vocabulary)), measure_(std::move(measure)) {}

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
    value.mean = at::ctc_loss(log_probs, targets.clamp_min(0), output.lengths, lengths, vocabulary_.blank(),
                              at::Reduction::Mean, /*zero_infinity=*/true);
    value.skipped = (output.lengths < frames_needed(on_cpu)).sum().item<int64_t>();
    return value;
  }

  std::string graph_obstacle() const override { return "CTC's loss reads the targets' lengths on the processor"; }

  Postprocessor make_postprocessor(const DecodeOptions& options) const override {
    return [make_one = make_stream_postprocessor(options)](const HeadOutput& output) {
      std::vector<Prediction> predictions;
      for (int64_t clip = 0; clip < output.logits.size(0); ++clip) {
        const auto postprocessor = make_one();
        postprocessor->add(
            {output.logits.narrow(0, clip, 1), output.lengths.narrow(0, clip, 1), output.seconds_per_frame, {}});
        predictions.push_back(postprocessor->finish());
      }
      return predictions;
    };
  }

  StreamPostprocessorMaker make_stream_postprocessor(const DecodeOptions& options) const override {
    const auto decoder =
        std::make_shared<const Decoder>(options, vocabulary_.tokens(), vocabulary_.blank(),
                                        vocabulary_.delimiter().value_or(-1), !vocabulary_.roles().words);
    const bool own_words = !options.decoder_lexicon.empty();
    return [this, decoder, own_words] { return std::make_unique<TranscriptPostprocessor>(*this, decoder, own_words); };
  }

  Metrics metrics(const std::vector<Prediction>& predictions, const std::vector<std::string>& targets,
                  const std::vector<size_t>& chosen) const override {
    const auto [references, hypotheses] = side_by_side(predictions, targets, chosen);
    Metrics metrics;
    if (measure_.others != nullptr) metrics = measure_.others(references, hypotheses);
    for (const EditKind& kind : measure_.kinds) metrics[kind.rate] = error_rate(kind.count(references, hypotheses));
    return metrics;
  }

  nlohmann::ordered_json details(const std::vector<Prediction>& predictions,
                                 const std::vector<std::string>& targets) const override {
    const auto [references, hypotheses] = side_by_side(predictions, targets, in_order(predictions.size()));
    nlohmann::ordered_json errors, transcripts = nlohmann::ordered_json::array();
    for (const EditKind& kind : measure_.kinds) errors[kind.unit] = to_json(kind.count(references, hypotheses));
    for (size_t i = 0; i < references.size(); ++i) {
      transcripts.push_back({{"reference", references[i]}, {"hypothesis", hypotheses[i]}});
    }
    return {{"errors", errors}, {"transcripts", transcripts}};
  }

  void for_each_answer(const std::vector<Prediction>& predictions, const std::vector<std::string>& targets,
                       const AnswerSink& sink) const override {
    for (size_t i = 0; i < predictions.size(); ++i) {
      const std::string& reference = targets.at(i);
      const std::string hypothesis = nfc(predictions[i].text);
      nlohmann::ordered_json answer = {
          {"reference", reference}, {"hypothesis", hypothesis}, {"score", predictions[i].score}};
      for (const EditKind& kind : measure_.kinds) {
        const EditCounts counts = kind.count({reference}, {hypothesis});
        answer[kind.unit] = counts.reference_length;
        if (&kind == &measure_.kinds.front()) answer.update(edits_to_json(counts));
        answer[kind.rate] = error_rate(counts);
      }
      sink({i}, answer);
    }
  }

 private:
  /// References and hypotheses of the chosen clips.
  static std::pair<Sentences, Sentences> side_by_side(const std::vector<Prediction>& predictions,
                                                      const Sentences& targets, const std::vector<size_t>& chosen) {
    std::pair<Sentences, Sentences> pairs;
    for (const size_t i : chosen) {
      pairs.first.push_back(targets.at(i));
      pairs.second.push_back(nfc(predictions.at(i).text));  // as references are; tokens may be parts of characters
    }
    return pairs;
  }

  class TranscriptPostprocessor : public StreamPostprocessor {
   public:
    /// `own_words`: a lexicon says how words are written, not the tokens.
    TranscriptPostprocessor(const CtcObjective& objective, std::shared_ptr<const Decoder> decoder, bool own_words)
        : objective_(objective), decoder_(std::move(decoder)), stream_(*decoder_), own_words_(own_words) {}

    void add(const HeadOutput& piece) override {
      const Tensor log_probs = at::log_softmax(piece.logits[0], -1, at::kFloat).cpu();
      stream_.add(log_probs.narrow(0, 0, piece.lengths.item<int64_t>()));
      seconds_per_frame_ = piece.seconds_per_frame;
    }

    Prediction finish() override { return objective_.to_prediction(stream_.finish(seconds_per_frame_), own_words_); }

   private:
    const CtcObjective& objective_;
    std::shared_ptr<const Decoder> decoder_;
    StreamDecoder stream_;
    bool own_words_;
    double seconds_per_frame_ = kSecondsPerFrame;
  };

  Prediction to_prediction(const Transcript& transcript, bool own_words) const {
    Prediction prediction;
    prediction.labels = transcript.tokens;
    prediction.text = own_words ? join(transcript.words) : vocabulary_.decode(transcript.tokens);
    prediction.score = transcript.score;
    prediction.words = transcript.words;
    prediction.tokens = transcript.timed_tokens;
    for (auto* words : {&prediction.words, &prediction.tokens}) {
      for (Word& word : *words) word.text = vocabulary_.written(word.text);
    }
    return prediction;
  }

  Vocabulary vocabulary_;
  TranscriptMeasure measure_;
};

}  // namespace

std::unique_ptr<Objective> make_ctc_objective(const Labels& tokens, TranscriptMeasure measure,
                                              const std::optional<TokenRoles>& roles) {
  return std::make_unique<CtcObjective>(roles ? Vocabulary(tokens, *roles) : Vocabulary(tokens), std::move(measure));
}

}  // namespace sure
