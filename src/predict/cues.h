// Timed words as subtitles that can be read: short lines, at most two of them, cut at pauses.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sure {

struct TimedText {
  std::string text;  // UTF-8
  double start;      // seconds
  double end;
};

struct Cue {
  std::vector<std::string> lines;
  double start;
  double end;
};

constexpr int64_t kCueLineLength = 42;  // characters
constexpr int64_t kCueLines = 2;
constexpr double kLongestCue = 7;  // seconds

/// In order, without overlap. A cue starts with its first word and ends with its last, or up to a second after its
/// start where neither the next one nor `end`, the recording's, comes sooner. Words longer than a line are broken.
std::vector<Cue> make_cues(const std::vector<TimedText>& words, double end);

/// `stretches`, in the order of their starts, with empty ones between, so that they cover 0 to at least `end` without
/// overlap: what reaches into the next ends where that starts.
std::vector<TimedText> without_gaps(const std::vector<TimedText>& stretches, double end);

}  // namespace sure
