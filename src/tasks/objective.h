// What a task makes of its labels: targets as numbers, the loss, and readable predictions with their metrics.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/tensor.h"
#include "decode/decoder.h"
#include "tasks/head.h"

namespace sure {

/// What a model says of one clip.
struct Prediction {
  std::string text;             // the label; several labels with "|" between; the transcript; empty for an embedding
  std::vector<int64_t> labels;  // indices of the labels in `text`; the decoded tokens of a transcript
  double score = 0;             // probability of the label (product over several), log probability of a transcript
  std::vector<float> logits;    // [C] of labels
  std::vector<double> probabilities;  // [C] of labels
  std::vector<Word> words;            // of a transcript, with their times
  std::vector<Word> tokens;           // the same of its tokens
  std::vector<float> embedding;       // [E], of a voice
};

/// Output of one batch -> one prediction per clip.
using Reader = std::function<std::vector<Prediction>(const HeadOutput&)>;

/// Reads one recording whose output comes in pieces, in order.
class PieceReader {
 public:
  virtual ~PieceReader() = default;
  /// The next piece, a batch of one clip.
  virtual void add(const HeadOutput& piece) = 0;
  /// What all pieces say together, with times from the first one's start.
  virtual Prediction finish() = 0;
};

/// A fresh reader for each recording.
using PieceReaderMaker = std::function<std::unique_ptr<PieceReader>()>;

/// Metrics by name ("accuracy", "wer" …).
using Metrics = std::map<std::string, double>;

/// Of a batch: the sum of its clips' losses divided by their number, a scalar, and how many of them count as 0 in it,
/// because they have no target that the loss can use.
struct LossValue {
  Tensor mean;
  int64_t skipped = 0;
};

/// One line of an evaluation: the position of the clip that it is about, or of the two that were compared, and what was
/// asked and answered.
using AnswerSink = std::function<void(const std::vector<size_t>& clips, const nlohmann::ordered_json& answer)>;

class Objective {
 public:
  virtual ~Objective() = default;

  /// What an example's target is to the loss: class indices, at least one. Throws Error for a target that the labels
  /// cannot express; the caller adds the clip's name.
  virtual std::vector<int64_t> encode(const std::string& target) const = 0;

  /// `targets`: int64 [B, L], kNoTarget behind each clip's own; on the device of the output.
  virtual LossValue loss(const HeadOutput& output, const Tensor& targets) const = 0;

  /// Why the loss cannot be part of a recorded GPU graph: it waits for values of the device. Empty: it can.
  virtual std::string graph_obstacle() const { return ""; }

  /// Throws a usage Error for options that do not fit the task.
  virtual Reader make_reader(const DecodeOptions& options) const = 0;

  /// Of recordings in pieces; null for a task whose pieces do not follow one another in time (labels). Throws as
  /// make_reader does.
  virtual PieceReaderMaker make_piece_reader(const DecodeOptions& /*options*/) const { return nullptr; }

  /// Over the chosen clips; `targets` are those of the examples.
  virtual Metrics metrics(const std::vector<Prediction>& predictions, const std::vector<std::string>& targets,
                          const std::vector<size_t>& chosen) const = 0;

  /// What a report shows besides metrics, an object: "confusion" (rows are true classes) with its "labels"; "per_class"
  /// scores; "errors" in words and other units; "transcripts" beside their references.
  virtual nlohmann::ordered_json details(const std::vector<Prediction>& predictions,
                                         const std::vector<std::string>& targets) const = 0;

  /// Hands over every clip's answer, or every pair's where pairs are judged, in order. All are flat objects of the same
  /// keys, but "probabilities", which holds one for each label.
  virtual void for_each_answer(const std::vector<Prediction>& predictions, const std::vector<std::string>& targets,
                               const AnswerSink& sink) const = 0;
};

/// 0, 1 … count - 1.
std::vector<size_t> every_clip(size_t count);

}  // namespace sure
