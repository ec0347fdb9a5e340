// FastSpeech 2 for many speakers (Ren et al. 2021) with an alignment that it learns by itself (Badlani et al. 2022), as
// the SURE paper adapts it: symbols -> FFT blocks -> + speaker -> durations, pitch, energy -> frames -> FFT blocks ->
// log-mel -> post-net.
#pragma once

#include <vector>

#include "nn/fft_block.h"
#include "tts/acoustic_model.h"
#include "tts/aligner.h"
#include "tts/conv_postnet.h"
#include "tts/fastspeech2_config.h"
#include "tts/variance_adaptor.h"

namespace sure {

/// Texts, and whose voice says them.
struct FastSpeech2Text {
  Tensor ids;      // int64 [B, S], 0 behind a text's end
  Tensor counts;   // of symbols, int64 [B], 1 or more
  Tensor speaker;  // embeddings, fp32 [B, E]
};

/// How they were said.
struct FastSpeech2Speech {
  Tensor mel;     // fp32 [B, T, mels]
  Tensor counts;  // of frames, int64 [B]
  Tensor hertz;   // F0, fp32 [B, T], 0 = unvoiced
  Tensor energy;  // fp32 [B, T], as frame_energy
};

/// What the model says of known speech. Padding is zero.
struct FastSpeech2Output {
  Tensor symbol_mask;    // bool [B, S], true = real
  Tensor frame_mask;     // bool [B, T]
  Tensor before;         // frames before the post-net, [B, T, mels]
  Tensor after;          // behind it
  Tensor scores;         // of the aligner, [B, T, S]
  Tensor soft;           // the soft alignment, [B, T, S]
  Tensor durations;      // of the hard one, int64 [B, S]
  Tensor symbols;        // of each frame, int64 [B, T]
  Tensor log_durations;  // predicted ln(duration + 1), [B, S]
  PitchPrediction pitch;
  Tensor energy;        // predicted, [B, S]
  Tensor known_energy;  // [B, S]
};

/// Factors on what the model predicts.
struct FastSpeech2Controls {
  double rate = 1;  // of speaking: 2 = twice as fast
  double pitch = 1;
  double energy = 1;
  Tensor durations = {};  // int64 [B, S]: instead of the predicted ones
};

struct FastSpeech2Frames {
  Tensor mel;        // fp32 [B, T, mels]
  Tensor counts;     // of frames, int64 [B]
  Tensor durations;  // int64 [B, S]
};

/// Adapters and training mode of a pass; its masks are the model's own.
using FastSpeech2Pass = ForwardContext;

class FastSpeech2 {
 public:
  FastSpeech2(const Scope& scope, const FastSpeech2Config& config);

  /// `step`: of a training from scratch; at a trained model the alignment is hard from trained_step() on. Batch norms
  /// learn only where the statistics say so.
  /// Throws Error for a clip of fewer frames than symbols.
  FastSpeech2Output forward(const FastSpeech2Text& text, const FastSpeech2Speech& speech, int64_t step,
                            const FastSpeech2Pass& pass, BatchStatistics statistics = BatchStatistics::kept) const;

  /// New speech; each symbol lasts one frame or more. Nothing of a text depends on the others.
  FastSpeech2Frames speak(const FastSpeech2Text& text, const FastSpeech2Controls& controls,
                          const FastSpeech2Pass& pass = {}) const;

  const FastSpeech2Config& config() const { return config_; }

  /// Linear::quantise of the blocks' linear layers.
  void quantise();

 private:
  /// A text on its way into frames.
  struct Encoded {
    Tensor embedded;  // symbols alone, [B, S, D]
    Tensor states;    // with the speaker, [B, S, D]
    Tensor speaker;   // [B, D]
    ForwardContext context;
  };
  Encoded encode(const FastSpeech2Text& text, const FastSpeech2Pass& pass) const;
  Tensor predict_log_durations(const Encoded& encoded) const;
  PitchPrediction predict_pitch(const Tensor& frames, const ForwardContext& context, const Encoded& encoded) const;
  Tensor predict_energy(const Encoded& encoded) const;
  Tensor decode(const Tensor& frames, const ForwardContext& context) const;

  FastSpeech2Config config_;
  Tensor embed_symbols_;
  std::vector<FftBlock> encoder_;
  Linear speaker_projection_;
  Aligner aligner_;
  VariancePredictor duration_predictor_;
  PitchPredictor pitch_predictor_;
  EnergyPredictor energy_predictor_;
  std::vector<FftBlock> decoder_;
  Linear mel_output_;
  ConvPostnet postnet_;
};

/// L1 of the frames before and behind the post-net, forward sum and binarisation of the alignment, squared error of
/// durations and of each text's sum of them (logarithms), L1 of pitch and energy, cross-entropy of the voicing.
SpeechLoss fastspeech2_loss(const FastSpeech2Output& output, const FastSpeech2Text& text,
                            const FastSpeech2Speech& speech, int64_t step, const FastSpeech2Config& config);

}  // namespace sure
