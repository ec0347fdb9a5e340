#include "decode/ctc_greedy.h"

#include <ATen/ops/max.h>

namespace sure {

std::vector<TokenSpan> ctc_greedy(const Tensor& log_probs, int64_t blank) {
  const auto [best, tokens] = log_probs.to(at::kCPU, at::kDouble).max(-1);
  const auto best_at = best.accessor<double, 1>();
  const auto token_at = tokens.accessor<int64_t, 1>();
  std::vector<TokenSpan> spans;
  for (int64_t frame = 0, end = 0; frame < tokens.size(0); frame = end) {
    const int64_t token = token_at[frame];
    double sum = 0;
    for (end = frame; end < tokens.size(0) && token_at[end] == token; ++end) sum += best_at[end];
    if (token != blank) spans.push_back({token, frame, end, sum / static_cast<double>(end - frame)});
  }
  return spans;
}

}  // namespace sure
