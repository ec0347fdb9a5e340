#include "tts/aligner.h"

#include <ATen/ops/log_softmax.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/relu.h>

#include "tts/alignment.h"

namespace sure {

namespace {

constexpr int64_t kKernel = 3;
constexpr double kLeastPrior = 1e-8;
constexpr double kNever = -1e9;

/// Between the rows of [B, T, C] and [B, S, C]: [B, T, S].
Tensor squared_distances(const Tensor& a, const Tensor& b) {
  const Tensor lengths = a.square().sum(2).unsqueeze(2) + b.square().sum(2).unsqueeze(1);
  return lengths - 2 * at::matmul(a, b.transpose(1, 2));
}

}  // namespace

Aligner::Aligner(const Scope& scope, const FastSpeech2Config& c)
    : key_speaker_(default_linear(scope / "key_speaker", c.hidden_size, c.hidden_size, /*with_bias=*/false)),
      key_conv_(scope / "key_conv", c.hidden_size, 2 * c.hidden_size, kKernel),
      key_output_(default_linear(scope / "key_output", 2 * c.hidden_size, c.num_mel_bins)),
      query_speaker_(default_linear(scope / "query_speaker", c.hidden_size, c.num_mel_bins, /*with_bias=*/false)),
      query_conv_(scope / "query_conv", c.num_mel_bins, 2 * c.num_mel_bins, kKernel),
      query_hidden_(default_linear(scope / "query_hidden", 2 * c.num_mel_bins, c.num_mel_bins)),
      query_output_(default_linear(scope / "query_output", c.num_mel_bins, c.num_mel_bins)),
      temperature_(c.aligner_temperature) {}

Tensor Aligner::forward(const AlignerInput& input, const ForwardContext& context) const {
  const Tensor speaker = input.speaker.unsqueeze(1);
  const Tensor texts = zero_outside(input.embedded + key_speaker_.forward(speaker, context), input.symbol_mask);
  const Tensor sounds = zero_outside(input.mel + query_speaker_.forward(speaker, context), input.frame_mask);
  const Tensor keys = key_output_.forward(at::relu(key_conv_.forward(texts)), context);
  const Tensor hidden = at::relu(query_hidden_.forward(at::relu(query_conv_.forward(sounds)), context));
  const Tensor queries = query_output_.forward(hidden, context);
  const Tensor scores = squared_distances(queries.to(at::kFloat), keys.to(at::kFloat)) * -temperature_;
  const Tensor padding = input.symbol_mask.logical_not().unsqueeze(1);
  const Tensor prior = beta_binomial_priors(input.frame_counts, input.symbol_counts, scores);
  return at::log_softmax(scores.masked_fill(padding, kNever), 2) + (prior + kLeastPrior).log();
}

}  // namespace sure
