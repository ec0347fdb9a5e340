// SpeechT5 for text to speech (Ao et al. 2022): characters -> encoder with relative positions -> decoder that makes
// `reduction_factor` frames of log-mel a step from the last one it made and a speaker's x-vector -> post-net.
#pragma once

#include <vector>

#include "nn/decoder_layer.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "tts/conv_postnet.h"
#include "tts/scaled_positions.h"
#include "tts/speecht5_config.h"

namespace sure {

class SpeechT5Encoder {
 public:
  SpeechT5Encoder(const Scope& scope, const SpeechT5Config& config);

  /// Character ids int64 [B, T] -> [B, T, D]; pass.frame_mask tells the real ones.
  Tensor forward(const Tensor& ids, const ForwardContext& pass) const;

  void quantise();

 private:
  Tensor embed_tokens_;
  ScaledPositions encode_positions_;
  LayerNorm layer_norm_;
  RelativeKeys positions_;
  std::vector<RelativeEncoderLayer> layers_;
  double dropout_;
};

/// What is known before a decoder's step, and grows by it.
struct SpeechT5State {
  Tensor encoded;  // [B, S, D]
  Tensor mask;     // bool [B, S], true = real; undefined: all are
  Tensor speaker;  // x-vectors [B, E]; undefined: none
  std::vector<DecoderCache> caches;
  int64_t step = 0;
};

class SpeechT5Decoder {
 public:
  SpeechT5Decoder(const Scope& scope, const SpeechT5Config& config);

  /// The last frames of all steps, [B, T, mels], with zeros first -> [B, T, D]. `weights`, if not null, receives each
  /// layer's cross-attention [B, heads, T, S].
  Tensor forward(const Tensor& frames, const SpeechT5State& state, const ForwardContext& pass,
                 std::vector<Tensor>* weights = nullptr) const;

  /// One step: [B, 1, mels] -> [B, 1, D].
  Tensor step(const Tensor& frame, SpeechT5State& state, const ForwardContext& pass) const;

  void quantise();

 private:
  Tensor prepare(const Tensor& frames, const Tensor& speaker, int64_t first, const ForwardContext& pass) const;

  std::vector<Linear> prenet_;
  Linear final_layer_;
  ScaledPositions encode_positions_;
  Linear speaker_embeds_layer_;
  std::vector<DecoderLayer> layers_;
  double prenet_dropout_;
};

/// Hidden states to frames, stop logits and, over all frames, what five convolutions add.
class SpeechT5Postnet {
 public:
  SpeechT5Postnet(const Scope& scope, const SpeechT5Config& config);

  /// [B, T, D] -> [B, T · reduction, mels].
  Tensor frames(const Tensor& hidden, const ForwardContext& pass) const;
  /// [B, T, D] -> [B, T · reduction].
  Tensor stop_logits(const Tensor& hidden, const ForwardContext& pass) const;
  /// [B, T, mels] -> [B, T, mels]. Batch norms keep their statistics.
  Tensor refine(const Tensor& frames, bool training) const;

 private:
  Linear feat_out_;
  Linear prob_out_;
  ConvPostnet refinement_;
  int64_t mels_;
};

/// What the model says of known speech.
struct SpeechT5Output {
  Tensor encoded;                  // [B, S, D]
  Tensor hidden;                   // of the decoder, [B, T, D]
  Tensor before;                   // frames before the post-net, [B, T · reduction, mels]
  Tensor after;                    // behind it
  Tensor stop;                     // logits [B, T · reduction]
  std::vector<Tensor> attentions;  // of each decoder layer to the text, [B, heads, T, S]
};

class SpeechT5 {
 public:
  SpeechT5(const Scope& scope, const SpeechT5Config& config);

  /// Each step is given the true frame before it. `labels`: log-mel [B, L, mels], L a multiple of the reduction, with
  /// -100 behind a clip's end; `mask`: bool [B, S] of the real characters; `pass` has none.
  SpeechT5Output forward(const Tensor& ids, const Tensor& mask, const Tensor& labels, const Tensor& speaker,
                         const ForwardContext& pass) const;

  const SpeechT5Config& config() const { return config_; }
  const SpeechT5Encoder& encoder() const { return encoder_; }
  const SpeechT5Decoder& decoder() const { return decoder_; }
  const SpeechT5Postnet& postnet() const { return postnet_; }

  /// Linear::quantise of every transformer layer.
  void quantise();

 private:
  SpeechT5Config config_;
  SpeechT5Encoder encoder_;
  SpeechT5Decoder decoder_;
  SpeechT5Postnet postnet_;
};

/// transformers' training loss: L1 before and behind the post-net, cross-entropy of the stop with weight 5 on it, and
/// guided attention (Tachibana et al. 2018). Arguments as of SpeechT5::forward.
Tensor speecht5_loss(const SpeechT5Output& output, const Tensor& mask, const Tensor& labels,
                     const SpeechT5Config& config);

}  // namespace sure
