// Transcribed recordings as an acoustic model learns them: features, which a cache keeps, and texts as ids.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backbone/activation_cache.h"
#include "data/batch.h"
#include "train/bad_clips.h"
#include "train/speaker_voices.h"
#include "tts/acoustic_model.h"

namespace sure {

class SpeechClips {
 public:
  /// `fingerprint`: of the model. The model must outlive it; `cache` may be null.
  SpeechClips(const AcousticModel& model, const std::string& fingerprint, const SpeechOptions& options,
              std::shared_ptr<ActivationCache> cache);

  /// Throws Error naming a clip that cannot be read, is too short or silent.
  SpeechFeatures features(const std::filesystem::path& clip) const;

  /// A clip's text as the model takes it.
  EncodedText encode(const std::string& text) const;

  /// A batch on its way to `unpack`: `audio` [B, T, bins (+ 2)] holds spectrograms, and pitch and energy behind them;
  /// `lengths` are frames, `targets` the texts' ids. Throws as `features`.
  Batch load(const std::vector<Example>& clips, const std::vector<size_t>& indices) const;

  SpeechBatch unpack(const Batch& batch, const std::vector<Example>& clips, const SpeakerVoices& voices,
                     at::Device device) const;

  /// Why the clip cannot be learnt, by its length (samples at 16 kHz) and its text; empty: it can.
  std::string fault_of(const Example& clip, int64_t samples) const;

  /// Samples at 16 kHz of the shortest clip that has a spectrum.
  int64_t shortest() const;

 private:
  Tensor compute(const std::filesystem::path& clip) const;
  Tensor packed(const std::filesystem::path& clip) const;

  const AcousticModel& model_;
  std::string settings_;
  SpeechOptions options_;
  std::shared_ptr<ActivationCache> cache_;
};

/// Takes those clips out of a run's splits that are unreadable, too short, silent or shorter than their texts allow,
/// and tells the observer. Training clips are decoded, to find the silent ones, with --skip_bad or a cache only. Throws
/// Error, naming the first of them and their number, without --skip_bad, and where a split loses all.
std::vector<BadClip> leave_out_bad_speech(Dataset& data, const RunConfig& config, const SpeechClips& clips,
                                          TrainObserver& observer);

/// Tells which characters of the texts the model does not have.
void note_unknown_symbols(const Dataset& data, const SpeechClips& clips, TrainObserver& observer);

}  // namespace sure
