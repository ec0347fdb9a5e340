// What a model says of recordings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sure {

/// A word of a transcript, with its time.
struct Word {
  std::string text;
  double start;  // seconds
  double end;
  double log_probability;  // mean over the frames of its tokens
  size_t first_span;       // its tokens are [first_span, end_span) of the transcript's
  size_t end_span;
};

/// The answer for one stretch of audio.
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

/// The answer for a stretch of a recording.
struct Segment {
  double start = 0;  // seconds
  double end = 0;
  Prediction prediction;
};

struct RecordingResult {
  std::string error;              // a whole line, if it could not be predicted; the rest is then empty
  double seconds = 0;             // of the whole file
  bool cut = false;               // longer than what the model is given of a clip
  std::vector<Segment> segments;  // one, from 0 to the end of what was heard; with windows one each
};

}  // namespace sure
