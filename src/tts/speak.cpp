#include "tts/speak.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <algorithm>

namespace sure {

Speech speak(const SpeechT5& model, const Tensor& ids, const Tensor& speaker, const SpeakOptions& options) {
  const at::NoGradGuard no_grad;
  const SpeechT5Config& config = model.config();
  SpeechT5State state;
  state.encoded = model.encoder().forward(ids.unsqueeze(0), {});
  if (speaker.defined()) state.speaker = speaker.unsqueeze(0);
  const auto most = static_cast<int64_t>(static_cast<double>(ids.size(0)) * options.most /
                                         static_cast<double>(config.reduction_factor));
  Speech speech;
  std::vector<Tensor> frames;
  Tensor last = at::zeros({1, 1, config.num_mel_bins});
  for (int64_t step = 1; step == 1 || step <= most; ++step) {
    const Tensor hidden = model.decoder().step(last, state);
    frames.push_back(model.postnet().frames(hidden));
    last = frames.back().slice(1, config.reduction_factor - 1);
    const double end = model.postnet().stop_logits(hidden).sigmoid().sum().item<double>();
    speech.ended = step < most && end >= options.threshold;
    if (speech.ended) break;
  }
  speech.mel = model.postnet().refine(at::cat(frames, 1), /*training=*/false).squeeze(0);
  return speech;
}

}  // namespace sure
