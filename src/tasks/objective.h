// A task's targets as numbers, its loss, and readable predictions with their metrics.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/tensor.h"
#include "data/batch.h"
#include "decode/decoder.h"
#include "sure/results.h"
#include "tasks/head.h"

namespace sure {

/// Output of one batch -> one prediction per clip.
using Postprocessor = std::function<std::vector<Prediction>(const HeadOutput&)>;

/// Postprocesses one recording whose output comes in pieces, in order.
class StreamPostprocessor {
 public:
  virtual ~StreamPostprocessor() = default;
  /// The next piece, a batch of one clip.
  virtual void add(const HeadOutput& piece) = 0;
  /// The prediction for all pieces together, with times from the first one's start.
  virtual Prediction finish() = 0;
};

/// Makes a fresh one for each recording.
using StreamPostprocessorMaker = std::function<std::unique_ptr<StreamPostprocessor>()>;

/// Metrics by name ("accuracy", "wer" …).
using Metrics = std::map<std::string, double>;

/// A batch's loss: the sum of its clips' losses divided by their number, a scalar, and how many of the clips count as 0
/// in it because they have no target that the loss can use.
struct LossValue {
  Tensor mean;
  int64_t skipped = 0;
};

/// Takes one line of an evaluation: the position of its clip, or of the two clips that were compared, and the question
/// with its answer.
using AnswerSink = std::function<void(const std::vector<size_t>& clips, const nlohmann::ordered_json& answer)>;

class Objective {
 public:
  virtual ~Objective() = default;

  /// An example's target as the loss takes it: class indices, at least one. Throws Error for a target that the labels
  /// cannot express; the caller adds the clip's name.
  virtual std::vector<int64_t> encode(const std::string& target) const = 0;

  /// `targets`: int64 [B, L], kNoTarget behind each clip's own; on the device of the output.
  virtual LossValue loss(const HeadOutput& output, const Tensor& targets) const = 0;

  /// Why the loss cannot be part of a recorded GPU graph: it waits for values of the device. Empty: it can.
  virtual std::string graph_obstacle() const { return ""; }

  /// Throws a usage Error for options that do not fit the task.
  virtual Postprocessor make_postprocessor(const DecodeOptions& options) const = 0;

  /// The same for recordings in pieces; null for a task whose pieces do not follow one another in time (labels). Throws
  /// as make_postprocessor does.
  virtual StreamPostprocessorMaker make_stream_postprocessor(const DecodeOptions& /*options*/) const { return nullptr; }

  /// Over the chosen clips; `targets` are those of the examples.
  virtual Metrics metrics(const std::vector<Prediction>& predictions, const std::vector<std::string>& targets,
                          const std::vector<size_t>& chosen) const = 0;

  /// The parts of a report besides metrics, an object: "confusion" (rows are true classes) with its "labels";
  /// "per_class" scores; "errors" in words and other units; "transcripts" beside their references.
  virtual nlohmann::ordered_json details(const std::vector<Prediction>& predictions,
                                         const std::vector<std::string>& targets) const = 0;

  /// Hands over every clip's answer, or every pair's where pairs are judged, in order. All are flat objects of the same
  /// keys, but "probabilities", which holds one for each label.
  virtual void for_each_answer(const std::vector<Prediction>& predictions, const std::vector<std::string>& targets,
                               const AnswerSink& sink) const = 0;
};

}  // namespace sure
