#include "tts/speak.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/pad_sequence.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "nn/conv_front_end.h"

namespace sure {

namespace {

/// Ids and mask of all texts, [B, S], those of a shorter one at the start of its row.
struct PaddedTexts {
  Tensor ids;
  Tensor mask;
};

PaddedTexts pad(const std::vector<Tensor>& texts) {
  std::vector<int64_t> lengths;
  for (const Tensor& text : texts) lengths.push_back(text.size(0));
  const Tensor ids = at::pad_sequence(texts, /*batch_first=*/true);
  return {ids, mask_of_lengths(at::tensor(lengths, at::kLong), ids.size(1), ids)};
}

/// One text on its way.
struct Progress {
  int64_t most = 0;   // steps
  int64_t steps = 0;  // at its end; 0 until then
  bool ended = false;
};

std::vector<Progress> beginnings(const std::vector<Tensor>& texts, double most, int64_t reduction) {
  std::vector<Progress> all;
  for (const Tensor& text : texts) {
    const auto steps = static_cast<int64_t>(static_cast<double>(text.size(0)) * most / static_cast<double>(reduction));
    all.push_back({std::max<int64_t>(1, steps)});
  }
  return all;
}

/// Notes which texts end with this step; true when all have.
bool note_ends(std::vector<Progress>& texts, const Tensor& ends, int64_t step, double threshold) {
  const auto* probability = ends.const_data_ptr<float>();
  bool all = true;
  for (size_t i = 0; i < texts.size(); ++i) {
    Progress& text = texts[i];
    if (text.steps == 0 && (step >= text.most || probability[i] >= threshold)) {
      text.steps = step;
      text.ended = step < text.most;
    }
    all = all && text.steps > 0;
  }
  return all;
}

}  // namespace

std::vector<Speech> speak(const SpeechT5& model, const std::vector<Tensor>& texts, const Tensor& speaker,
                          const SpeakOptions& options, const ForwardContext& pass) {
  const at::NoGradGuard no_grad;
  const SpeechT5Config& config = model.config();
  const PaddedTexts padded = pad(texts);
  const auto batch = std::ssize(texts);
  SpeechT5State state;
  state.mask = padded.mask;
  state.encoded = model.encoder().forward(padded.ids, ForwardContext{false, padded.mask, pass.adapters});
  if (speaker.defined()) state.speaker = speaker.unsqueeze(0).expand({batch, -1});
  std::vector<Progress> progress = beginnings(texts, options.most, config.reduction_factor);
  std::vector<Tensor> frames;
  Tensor last = at::zeros({batch, 1, config.num_mel_bins});
  for (bool done = false; !done;) {
    const Tensor hidden = model.decoder().step(last, state, pass);
    frames.push_back(model.postnet().frames(hidden, pass));
    last = frames.back().slice(1, config.reduction_factor - 1);
    const Tensor ends = model.postnet().stop_logits(hidden, pass).sigmoid().sum(1);
    done = note_ends(progress, ends, std::ssize(frames), options.threshold);
  }
  const Tensor all = at::cat(frames, 1);
  std::vector<Speech> speeches;
  for (int64_t i = 0; i < batch; ++i) {
    const Progress& text = progress[static_cast<size_t>(i)];
    const Tensor own = all.slice(0, i, i + 1).slice(1, 0, text.steps * config.reduction_factor);
    speeches.push_back({model.postnet().refine(own, /*training=*/false).squeeze(0), text.ended});
  }
  return speeches;
}

}  // namespace sure
