#include "decode/cut_frames.h"

#include <ATen/ops/argmax.h>

namespace sure {

namespace {

/// The middle of the longest run of `token`, or 0: no run of two frames.
int64_t middle_of_longest_run(const int64_t* best, int64_t frames, int64_t token) {
  int64_t middle = 0, longest = 1;
  for (int64_t first = 0, end = 0; first < frames; first = end) {
    for (end = first + 1; end < frames && best[end] == best[first];) ++end;
    if (best[first] != token || end - first < std::max<int64_t>(longest, 2)) continue;
    longest = end - first;
    middle = first + longest / 2;
  }
  return middle;
}

}  // namespace

FrameCut find_cut(const Tensor& log_probs, int64_t blank, int64_t delimiter) {
  const Tensor tokens = log_probs.argmax(1).contiguous();
  const auto* best = tokens.const_data_ptr<int64_t>();
  const int64_t frames = tokens.size(0);
  const auto is_behind = [&](int64_t frame) { return best[frame - 1] == delimiter && best[frame] != delimiter; };
  for (int64_t frame = frames - 1; frame > 0; --frame) {
    if (is_behind(frame)) return {frame, true};
  }
  if (const int64_t middle = middle_of_longest_run(best, frames, blank); middle > 0) return {middle, false};
  for (int64_t frame = frames - 1; frame > 0; --frame) {
    if (best[frame] != best[frame - 1]) return {frame, false};
  }
  return {frames, false};
}

void append_span(const TokenSpan& next, std::vector<TokenSpan>& spans) {
  const bool goes_on = !spans.empty() && spans.back().token == next.token && spans.back().end_frame == next.first_frame;
  if (!goes_on) return spans.push_back(next);
  TokenSpan& last = spans.back();
  const auto before = static_cast<double>(last.end_frame - last.first_frame);
  const auto added = static_cast<double>(next.end_frame - next.first_frame);
  last.log_probability = (last.log_probability * before + next.log_probability * added) / (before + added);
  last.end_frame = next.end_frame;
}

}  // namespace sure
