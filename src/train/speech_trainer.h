// Learning to speak, as what the loop trains.
#pragma once

#include "model/adapted_voice.h"
#include "train/epoch_batches.h"
#include "train/loop.h"
#include "train/speech_clips.h"

namespace sure {

/// The mean loss over clips, and of what the model makes it up ("mel", "duration" …), the same each time. None for no
/// clips.
Metrics speech_loss(const AdaptedVoice& voice, const std::vector<Example>& examples, const SpeechClips& clips,
                    const SpeakerVoices& voices, const TrainOptions& options, TrainObserver& observer);

/// Trains, leaving `output_dir`/checkpoint-N folders and `output_dir`/best_model.
TrainResult train_speech(AdaptedVoice& voice, const Dataset& data, const SpeechClips& clips,
                         const SpeakerVoices& voices, const SpeechRunConfig& config, TrainObserver& observer);

}  // namespace sure
