#include "predict/cues.h"

#include <algorithm>

#include "text/utf8.h"

namespace sure {

namespace {

constexpr double kPause = 0.7;      // seconds between words that belong to two cues
constexpr double kShortestCue = 1;  // seconds, where there is room

int64_t length_of(const std::string& text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
}

/// Words that fit a line; the time of a broken one is shared out by length.
std::vector<TimedText> in_short_words(const std::vector<TimedText>& words) {
  std::vector<TimedText> pieces;
  for (const TimedText& word : words) {
    const int64_t length = length_of(word.text);
    if (length <= kCueLineLength) {
      pieces.push_back(word);
      continue;
    }
    std::string piece;
    int64_t done = 0, in_piece = 0;
    const auto time_at = [&](int64_t characters) {
      return word.start + (word.end - word.start) * static_cast<double>(characters) / static_cast<double>(length);
    };
    const auto finish = [&] {
      if (in_piece > 0) pieces.push_back({std::exchange(piece, {}), time_at(done), time_at(done + in_piece)});
      done += std::exchange(in_piece, 0);
    };
    for (const std::string& character : characters(word.text)) {
      piece += character;
      if (++in_piece == kCueLineLength) finish();
    }
    finish();
  }
  return pieces;
}

/// False, and nothing changed, where the word would need a third line.
bool add_word(const std::string& word, std::vector<std::string>& lines) {
  if (!lines.empty() && length_of(lines.back()) + 1 + length_of(word) <= kCueLineLength) {
    lines.back() += " " + word;
    return true;
  }
  if (std::ssize(lines) == kCueLines) return false;
  lines.push_back(word);
  return true;
}

}  // namespace

std::vector<Cue> make_cues(const std::vector<TimedText>& words, double end) {
  std::vector<Cue> cues;
  for (const TimedText& word : in_short_words(words)) {
    const bool goes_on = !cues.empty() && word.start - cues.back().end <= kPause &&
                         word.end - cues.back().start <= kLongestCue && add_word(word.text, cues.back().lines);
    if (goes_on) {
      cues.back().end = word.end;
    } else {
      cues.push_back({{word.text}, word.start, word.end});
    }
  }
  for (size_t i = 0; i < cues.size(); ++i) {
    const double following = i + 1 < cues.size() ? cues[i + 1].start : end;
    cues[i].end = std::max(cues[i].end, std::min(cues[i].start + kShortestCue, following));
  }
  return cues;
}

std::vector<TimedText> without_gaps(const std::vector<TimedText>& stretches, double end) {
  std::vector<TimedText> filled;
  double reached = 0;
  for (size_t i = 0; i < stretches.size(); ++i) {
    TimedText stretch = stretches[i];
    if (i + 1 < stretches.size()) stretch.end = std::min(stretch.end, stretches[i + 1].start);
    if (stretch.end <= stretch.start) continue;
    if (stretch.start > reached) filled.push_back({"", reached, stretch.start});
    reached = stretch.end;
    filled.push_back(std::move(stretch));
  }
  if (end > reached) filled.push_back({"", reached, end});
  return filled;
}

}  // namespace sure
