#include "cli/timed_formats.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "predict/cues.h"
#include "text/printable.h"
#include "text/replace_all.h"

namespace sure {

namespace {

constexpr Replacement kQuotes[] = {{"\"", "\"\""}};
constexpr Replacement kArrows[] = {{"-->", "->"}};  // srt has no way to write its own arrow
constexpr Replacement kMarkup[] = {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}};

std::vector<TimedText> timed(const std::vector<Word>& words) {
  std::vector<TimedText> texts;
  for (const Word& word : words) texts.push_back({printable(word.text), word.start, word.end});
  return texts;
}

std::vector<TimedText> timed_labels(const RecordingResult& result) {
  std::vector<TimedText> texts;
  for (const Segment& segment : result.segments) {
    texts.push_back({printable(segment.prediction.text), segment.start, segment.end});
  }
  return texts;
}

std::vector<Cue> cues_of(const PredictionStyle& style, const RecordingResult& result) {
  if (!style.has_labels()) return make_cues(timed(result.segments.front().prediction.words), result.seconds);
  std::vector<Cue> cues;
  for (TimedText& text : timed_labels(result)) cues.push_back({{std::move(text.text)}, text.start, text.end});
  return cues;
}

std::string clock_time(int64_t milliseconds, char point) {
  return fmt::format("{:02}:{:02}:{:02}{}{:03}", milliseconds / 3600000, milliseconds / 60000 % 60,
                     milliseconds / 1000 % 60, point, milliseconds % 1000);
}

/// "00:00:01,000 --> 00:00:02,500", at least a millisecond long.
std::string time_line(const Cue& cue, char point) {
  const auto start = static_cast<int64_t>(std::llround(cue.start * 1000));
  const auto end = std::max(start + 1, static_cast<int64_t>(std::llround(cue.end * 1000)));
  return clock_time(start, point) + " --> " + clock_time(end, point);
}

/// %.6f without the zeros that say nothing.
std::string seconds_text(double seconds) {
  std::string text = fmt::format("{:.6f}", seconds);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

void write_tier(std::ostream& out, int number, const std::string& name, const std::vector<TimedText>& intervals,
                double end) {
  out << fmt::format("    item [{}]:\n", number);
  out << "        class = \"IntervalTier\"\n";
  out << fmt::format("        name = \"{}\"\n", name);
  out << fmt::format("        xmin = 0\n        xmax = {}\n", seconds_text(end));
  out << fmt::format("        intervals: size = {}\n", intervals.size());
  for (size_t i = 0; i < intervals.size(); ++i) {
    out << fmt::format("        intervals [{}]:\n", i + 1);
    out << fmt::format("            xmin = {}\n            xmax = {}\n", seconds_text(intervals[i].start),
                       seconds_text(intervals[i].end));
    out << fmt::format("            text = \"{}\"\n", replace_all(intervals[i].text, kQuotes));
  }
}

}  // namespace

void write_srt(std::ostream& out, const PredictionStyle& style, const std::string& /*name*/,
               const RecordingResult& result) {
  int64_t number = 0;
  for (const Cue& cue : cues_of(style, result)) {
    out << fmt::format("{}\n{}\n", ++number, time_line(cue, ','));
    for (const std::string& line : cue.lines) out << replace_all(line, kArrows) << "\n";
    out << "\n";
  }
}

void begin_vtt(std::ostream& out, const PredictionStyle& /*style*/) { out << "WEBVTT\n\n"; }

void write_vtt(std::ostream& out, const PredictionStyle& style, const std::string& /*name*/,
               const RecordingResult& result) {
  for (const Cue& cue : cues_of(style, result)) {
    out << time_line(cue, '.') << "\n";
    for (const std::string& line : cue.lines) {
      out << replace_all(line, kMarkup) << "\n";
    }
    out << "\n";
  }
}

void write_textgrid(std::ostream& out, const PredictionStyle& style, const std::string& /*name*/,
                    const RecordingResult& result) {
  std::vector<std::pair<std::string, std::vector<TimedText>>> tiers;
  if (style.has_labels()) {
    tiers = {{"labels", timed_labels(result)}};
  } else {
    const Prediction& prediction = result.segments.front().prediction;
    tiers = {{"words", timed(prediction.words)}};
    if (style.token_times) tiers.emplace_back("tokens", timed(prediction.tokens));
  }
  double end = result.seconds;
  for (auto& [name, intervals] : tiers) {
    if (!intervals.empty()) end = std::max(end, intervals.back().end);
  }
  out << "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n";
  out << fmt::format("xmin = 0\nxmax = {}\ntiers? <exists>\nsize = {}\nitem []:\n", seconds_text(end), tiers.size());
  for (size_t i = 0; i < tiers.size(); ++i) {
    write_tier(out, static_cast<int>(i) + 1, tiers[i].first, without_gaps(tiers[i].second, end), end);
  }
}

}  // namespace sure
