// Predictions with their times as other programs show them: SubRip and WebVTT subtitles, TextGrids of Praat.
#pragma once

#include "cli/prediction_format.h"

namespace sure {

/// Words as cues that can be read (predict/cues.h); labels as a cue for each segment.
void write_srt(std::ostream& out, const PredictionStyle& style, const std::string& name, const RecordingResult& result);

void begin_vtt(std::ostream& out, const PredictionStyle& style);
void write_vtt(std::ostream& out, const PredictionStyle& style, const std::string& name, const RecordingResult& result);

/// The tier "words" and with token_times "tokens", or the tier "labels": intervals from 0 to the recording's end.
void write_textgrid(std::ostream& out, const PredictionStyle& style, const std::string& name,
                    const RecordingResult& result);

}  // namespace sure
