// The options of a run that learns to speak, besides those of every run.
#pragma once

#include <string>

#include "train/run_config.h"

namespace sure {

struct SpeechOptions {
  std::string speaker;
  std::string speaker_model;
  bool read_numbers = true;
  double trim_db = 0;
};

template <class Visitor>
void visit_options(SpeechOptions& o, Visitor&& visit) {
  visit("speaker", o.speaker,
        "the voice of all clips, a .npy file with its embedding; or a folder with <speaker>.npy of each speaker");
  visit("speaker_model", o.speaker_model,
        "a verification adapter that makes each speaker's embedding, the mean over training clips");
  visit("read_numbers", o.read_numbers, "write out numbers, dates, currencies and abbreviations as words first");
  visit("trim_db", o.trim_db,
        Declaration("cut what is so many dB quieter than the loudest frame from both ends of a clip; 0 = nothing")
            .range(0, 200));
}

/// A run of whatever task.
struct SpeechRunConfig : RunConfig {
  SpeechOptions speech;
};

template <class Visitor>
void visit_options(SpeechRunConfig& c, Visitor&& visit) {
  visit_options(static_cast<RunConfig&>(c), visit);
  visit_options(c.speech, visit);
}

/// Throws a usage Error, naming the flag, for a value out of range, and for one that is given though the task makes no
/// speech.
void check_speech_options(const SpeechRunConfig& config);

}  // namespace sure
