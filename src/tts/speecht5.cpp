#include "tts/speecht5.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/zeros_like.h>

namespace sure {

namespace {

constexpr double kPadding = -100;

/// The last frame of each step but the last, behind one of zeros: what the decoder is given.
Tensor shifted(const Tensor& labels, int64_t reduction) {
  const Tensor last = labels.slice(1, reduction - 1, c10::nullopt, reduction);
  const Tensor before = at::cat({at::zeros_like(last.slice(1, 0, 1)), last.slice(1, 0, last.size(1) - 1)}, 1);
  return before.masked_fill(before == kPadding, 0);
}

}  // namespace

SpeechT5::SpeechT5(const Scope& scope, const SpeechT5Config& config)
    : config_(config),
      encoder_(scope / "speecht5" / "encoder", config),
      decoder_(scope / "speecht5" / "decoder", config),
      postnet_(scope / "speech_decoder_postnet", config) {}

SpeechT5Output SpeechT5::forward(const Tensor& ids, const Tensor& mask, const Tensor& labels, const Tensor& speaker,
                                 const ForwardContext& pass) const {
  SpeechT5Output output;
  output.encoded = encoder_.forward(ids, {pass.training, mask, pass.adapters});
  SpeechT5State state;
  state.encoded = output.encoded;
  state.mask = mask;
  state.speaker = speaker;
  const Tensor frames = shifted(labels, config_.reduction_factor);
  output.hidden = decoder_.forward(frames, state, pass, &output.attentions);
  output.before = postnet_.frames(output.hidden, pass);
  output.after = postnet_.refine(output.before, pass.training);
  output.stop = postnet_.stop_logits(output.hidden, pass);
  return output;
}

void SpeechT5::quantise() {
  encoder_.quantise();
  decoder_.quantise();
}

}  // namespace sure
