// How well each frame of a spectrogram fits each symbol of a text (Badlani et al. 2022): both are brought to one space
// by convolutions, and the nearer they lie the better they fit.
#pragma once

#include "nn/frame_conv.h"
#include "nn/linear.h"
#include "tts/fastspeech2_config.h"

namespace sure {

/// What of a batch the aligner looks at.
struct AlignerInput {
  Tensor embedded;       // symbols without positions, [B, S, D]
  Tensor symbol_mask;    // bool [B, S]
  Tensor symbol_counts;  // int64 [B]
  Tensor mel;            // [B, T, mels]
  Tensor frame_mask;     // bool [B, T]
  Tensor frame_counts;   // int64 [B]
  Tensor speaker;        // [B, D]
};

class Aligner {
 public:
  Aligner(const Scope& scope, const FastSpeech2Config& config);

  /// Logarithms of how probable each symbol is for each frame, with the beta-binomial prior, not normalised: fp32 [B,
  /// T, S]; hardly any for padding.
  Tensor forward(const AlignerInput& input, const ForwardContext& context) const;

 private:
  Linear key_speaker_;
  FrameConv key_conv_;
  Linear key_output_;
  Linear query_speaker_;
  FrameConv query_conv_;
  Linear query_hidden_;
  Linear query_output_;
  double temperature_;
};

}  // namespace sure
