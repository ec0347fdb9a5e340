#include "decode/ctc_align.h"

#include <algorithm>
#include <limits>

#include "core/error.h"

namespace sure {

namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

/// States of a labelling a b: blank a blank b blank. A path starts in one of the first two, ends in one of the last
/// two.
class Trellis {
 public:
  Trellis(const std::vector<int64_t>& labels, int64_t blank) : tokens_(2 * labels.size() + 1, blank) {
    for (size_t i = 0; i < labels.size(); ++i) tokens_[2 * i + 1] = labels[i];
    best_.assign(tokens_.size(), kNever);
    best_[0] = 0;
  }

  size_t states() const { return tokens_.size(); }

  /// `log_probs`: those of the next frame, [V]. `from` gets how many states back each state was entered, [states()].
  void step(const float* log_probs, uint8_t* from) {
    for (size_t state = states(); state-- > 0;) {  // downwards: what lies below is still that of the last frame
      const size_t stride = best_stride(state);
      from[state] = static_cast<uint8_t>(stride);
      best_[state] = best_[state - stride] + static_cast<double>(log_probs[tokens_[state]]);
    }
  }

  size_t last_state() const {
    const size_t last = states() - 1;
    return last > 0 && best_[last - 1] > best_[last] ? last - 1 : last;
  }

  bool is_possible(size_t state) const { return best_[state] > kNever; }

 private:
  size_t best_stride(size_t state) const {
    size_t stride = 0;
    if (state >= 1 && best_[state - 1] > best_[state]) stride = 1;
    const bool skips_blank = state % 2 == 1 && state >= 3 && tokens_[state] != tokens_[state - 2];
    if (skips_blank && best_[state - 2] > best_[state - stride]) stride = 2;
    return stride;
  }

  std::vector<int64_t> tokens_;
  std::vector<double> best_;
};

/// The state of each frame, from the last one back.
std::vector<size_t> trace(const std::vector<uint8_t>& from, size_t states, size_t last, int64_t frames) {
  std::vector<size_t> path(static_cast<size_t>(frames));
  for (size_t frame = path.size(); frame-- > 0;) {
    path[frame] = last;
    last -= from[frame * states + last];
  }
  return path;
}

/// `path`: the state of each frame. `rows`: fp32 [T, V].
std::vector<TokenSpan> spans_of(const std::vector<size_t>& path, const std::vector<int64_t>& labels,
                                const Tensor& rows) {
  const auto value = rows.accessor<float, 2>();
  std::vector<TokenSpan> spans;
  for (const int64_t label : labels) spans.push_back({label, rows.size(0), 0, 0});
  for (int64_t t = 0; t < rows.size(0); ++t) {
    const size_t state = path[static_cast<size_t>(t)];
    if (state % 2 == 0) continue;
    TokenSpan& span = spans[state / 2];
    span.first_frame = std::min(span.first_frame, t);
    span.end_frame = t + 1;
    span.log_probability += static_cast<double>(value[t][span.token]);
  }
  for (TokenSpan& span : spans) span.log_probability /= static_cast<double>(span.end_frame - span.first_frame);
  return spans;
}

}  // namespace

std::vector<TokenSpan> ctc_align(const Tensor& log_probs, const std::vector<int64_t>& labels, int64_t blank) {
  if (labels.empty()) return {};
  const Tensor rows = log_probs.to(at::kCPU, at::kFloat).contiguous();
  const int64_t frames = rows.size(0);
  const auto* values = rows.const_data_ptr<float>();
  Trellis trellis(labels, blank);
  std::vector<uint8_t> from(static_cast<size_t>(frames) * trellis.states());
  for (int64_t t = 0; t < frames; ++t) {
    trellis.step(values + t * rows.size(1), from.data() + static_cast<size_t>(t) * trellis.states());
  }
  const size_t last = trellis.last_state();
  if (frames == 0 || !trellis.is_possible(last)) fail("no path of {} frames through {} labels", frames, labels.size());
  return spans_of(trace(from, trellis.states(), last, frames), labels, rows);
}

}  // namespace sure
