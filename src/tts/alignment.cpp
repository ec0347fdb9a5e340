#include "tts/alignment.h"

#include <ATen/core/Reduction.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/ctc_loss.h>
#include <ATen/ops/full.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/zeros.h>

#include <cmath>
#include <limits>
#include <vector>

#include "core/error.h"
#include "nn/conv_front_end.h"

namespace sure {

namespace {

constexpr double kNever = -1e9;
constexpr double kLeastProbability = 1e-12;

/// One clip: costs fp32 [T, S] with a row every `stride` numbers -> durations.
void align(const float* log_probabilities, int64_t stride, int64_t frames, int64_t symbols, int64_t* durations) {
  constexpr float kImpossible = -std::numeric_limits<float>::infinity();
  std::vector<float> best(static_cast<size_t>(symbols), kImpossible);  // of paths that end at each symbol
  std::vector<bool> moves(static_cast<size_t>(frames * symbols));      // from the symbol before
  best[0] = log_probabilities[0];
  for (int64_t t = 1; t < frames; ++t) {
    const float* row = log_probabilities + t * stride;
    for (int64_t s = symbols - 1; s >= 0; --s) {  // downwards: best[s - 1] is still the last frame's
      const auto i = static_cast<size_t>(s);
      const bool move = s > 0 && best[i - 1] >= best[i];
      moves[static_cast<size_t>(t * symbols + s)] = move;
      best[i] = row[s] + best[move ? i - 1 : i];
    }
  }
  for (int64_t t = frames - 1, s = symbols - 1; t >= 0; --t) {
    ++durations[s];
    if (moves[static_cast<size_t>(t * symbols + s)]) --s;
  }
}

}  // namespace

Tensor beta_binomial_prior(int64_t frames, int64_t symbols) {
  // n = symbols - 1, alpha = t and beta = frames + 1 - t for t = 1 … frames: all are whole numbers.
  const Tensor log_gamma = at::arange(1, frames + symbols, at::kDouble).lgamma();
  const Tensor of_symbols = log_gamma.slice(0, 0, symbols), of_frames = log_gamma.slice(0, 0, frames);
  const Tensor rows = log_gamma.unfold(0, symbols, 1);  // ln Γ(t + k); turned round: ln Γ(beta + n - k)
  const Tensor choices = of_symbols[symbols - 1] - of_symbols - of_symbols.flip(0);
  const Tensor log = choices + rows + rows.flip({0, 1}) - (of_frames + of_frames.flip(0)).unsqueeze(1) +
                     (std::lgamma(frames + 1) - std::lgamma(frames + symbols));
  return log.exp().to(at::kFloat);
}

Tensor beta_binomial_priors(const Tensor& frames, const Tensor& symbols, const Tensor& like) {
  const Tensor t = frames.cpu(), s = symbols.cpu();
  const Tensor priors = at::zeros(like.sizes(), at::kFloat);
  for (int64_t i = 0; i < t.size(0); ++i) {
    const int64_t rows = t[i].item<int64_t>(), columns = s[i].item<int64_t>();
    priors[i].slice(0, 0, rows).slice(1, 0, columns).copy_(beta_binomial_prior(rows, columns));
  }
  return priors.to(like.device());
}

Tensor forward_sum_loss(const Tensor& scores, const Tensor& frames, const Tensor& symbols, double blank) {
  const int64_t most = scores.size(2);
  const Tensor outside = mask_of_lengths(symbols, most, scores).logical_not().unsqueeze(1);
  const Tensor of_blank = at::full({scores.size(0), scores.size(1), 1}, blank, scores.options().requires_grad(false));
  const Tensor all = at::cat({of_blank, scores.masked_fill(outside, kNever)}, 2);
  const Tensor targets = at::arange(1, most + 1, symbols.options()).expand({scores.size(0), most});
  return at::ctc_loss(at::log_softmax(all.to(at::kFloat), 2).transpose(0, 1), targets, frames, symbols, /*blank=*/0,
                      at::Reduction::Mean, /*zero_infinity=*/true);
}

Tensor monotonic_alignment(const Tensor& log_probabilities, const Tensor& frames, const Tensor& symbols) {
  const Tensor scores = log_probabilities.detach().to(at::kCPU, at::kFloat).contiguous();
  const Tensor t = frames.cpu(), s = symbols.cpu();
  const Tensor durations = at::zeros({scores.size(0), scores.size(2)}, at::kLong);
  for (int64_t i = 0; i < scores.size(0); ++i) {
    const int64_t rows = t[i].item<int64_t>(), columns = s[i].item<int64_t>();
    if (rows < columns) fail("a clip of {} frames is too short for its {} symbols", rows, columns);
    align(scores[i].const_data_ptr<float>(), scores.size(2), rows, columns, durations[i].mutable_data_ptr<int64_t>());
  }
  return durations.to(frames.device());
}

Tensor binarisation_loss(const Tensor& soft, const Tensor& symbols, const Tensor& mask) {
  const Tensor chosen = soft.gather(2, symbols.unsqueeze(2)).squeeze(2);
  return -chosen.masked_select(mask).clamp_min(kLeastProbability).log().mean();
}

}  // namespace sure
