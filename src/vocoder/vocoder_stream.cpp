#include "vocoder/vocoder_stream.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <vector>

namespace sure {

VocoderStream::VocoderStream(const Vocoder& vocoder, int64_t chunk)
    : vocoder_(&vocoder), chunk_(chunk), waiting_(at::zeros({0, vocoder.mel().bins})) {}

/// The sound of the next `frames`, heard with `context` frames behind them.
Tensor VocoderStream::advance(int64_t frames, int64_t context) {
  const int64_t hop = vocoder_->mel().frames.hop;
  const Tensor sound = vocoder_->forward(waiting_.slice(0, 0, past_ + frames + context));
  const Tensor fresh = sound.slice(0, past_ * hop, (past_ + frames) * hop);
  const int64_t kept = std::min(vocoder_->reach(), past_ + frames);
  waiting_ = waiting_.slice(0, past_ + frames - kept).clone();
  past_ = kept;
  return fresh;
}

Tensor VocoderStream::feed(const Tensor& mel) {
  waiting_ = at::cat({waiting_, mel});
  const int64_t reach = vocoder_->reach();
  std::vector<Tensor> sound = {at::zeros({0})};
  while (reach >= 0 && waiting_.size(0) - past_ >= chunk_ + reach) sound.push_back(advance(chunk_, reach));
  return at::cat(sound);
}

Tensor VocoderStream::finish() {
  const int64_t frames = waiting_.size(0) - past_;
  Tensor sound = at::zeros({0});
  if (frames > 0) {
    const int64_t hop = vocoder_->mel().frames.hop;
    sound = vocoder_->forward(waiting_).slice(0, past_ * hop);
  }
  waiting_ = waiting_.slice(0, 0, 0);
  past_ = 0;
  return sound;
}

}  // namespace sure
