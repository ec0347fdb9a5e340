// Recordings -> predictions, whatever their length, in batches where that changes nothing; what goes wrong with one is
// said of that one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "model/adapted_model.h"
#include "predict/recording_options.h"
#include "sure/results.h"

namespace sure {

/// What to hear: a file, and what messages call it.
struct Recording {
  std::filesystem::path path;
  std::string name;
};

/// How many seconds of a long recording are heard, of how many.
using HeardSoFar = std::function<void(const Recording& recording, double done, double total)>;

class Predictor {
 public:
  /// `model` must outlive it. Throws a usage Error for options that contradict each other or do not fit the task.
  Predictor(const AdaptedModel& model, const DecodeOptions& decode, const RecordingOptions& options);

  /// In the order given. `heard` is told after each part of a recording that is heard in parts.
  std::vector<RecordingResult> predict(const std::vector<Recording>& recordings, const HeardSoFar& heard = {}) const;

  /// Samples at 16 kHz that the model is given of a clip; 0 = all of it.
  int64_t max_samples() const { return has_windows() ? 0 : collate_.max_samples; }

  /// Whether recordings that are longer give results for parts of them.
  bool has_windows() const { return options_.window > 0; }

 private:
  struct Clip {
    size_t index;  // of its recording
    Tensor samples;
  };

  Tensor clip_of(const Recording& recording, RecordingResult& result) const;
  void hear_long(const Recording& recording, RecordingResult& result, const HeardSoFar& heard) const;
  void hear_windows(const Recording& recording, RecordingResult& result, const HeardSoFar& heard) const;
  int64_t most_at_once() const;
  void hear_batch(std::vector<Clip>& batch, const std::vector<Recording>& recordings,
                  std::vector<RecordingResult>& results) const;
  std::vector<Prediction> read_batch(std::vector<Tensor> clips) const;
  bool is_long(int64_t samples) const;
  bool joins(const std::vector<Clip>& batch, const Clip& next) const;
  void check_length(const Recording& recording, int64_t samples) const;

  const AdaptedModel& model_;
  RecordingOptions options_;
  CollateOptions collate_;
  Postprocessor read_;
  StreamPostprocessorMaker read_pieces_;
};

}  // namespace sure
