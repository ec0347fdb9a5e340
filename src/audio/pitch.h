// Pitch by Praat's autocorrelation method (Boersma 1993, "Accurate short-term analysis of the fundamental frequency and
// the harmonics-to-noise ratio of a sampled sound"): candidates from each frame's autocorrelation, divided by the
// window's, then the cheapest path through the frames.
#pragma once

#include <cstdint>

#include "core/tensor.h"

namespace sure {

struct PitchOptions {
  double time_step = 0;  // seconds; 0 = 0.75 / floor
  double floor = 75;     // Hz
  double ceiling = 600;  // Hz
  int64_t candidates = 15;
  double silence_threshold = 0.03;
  double voicing_threshold = 0.45;
  double octave_cost = 0.01;
  double octave_jump_cost = 0.35;
  double voiced_unvoiced_cost = 0.14;
};

/// The benchmark's recipes': voices from 80 to 750 Hz, few doubtful frames voiced.
PitchOptions speech_pitch();

/// Frames as Praat lays them: as many windows of 3 / floor seconds as fit, in the middle of the clip.
struct PitchTrack {
  double first_time = 0;  // seconds, of the first frame's middle
  double time_step = 0;   // seconds
  Tensor hertz;           // fp32 [T]; 0 = unvoiced
};

/// Mono fp32 [S] at `rate` Hz. Throws Error for a clip that is shorter than one window, a usage Error for a floor that
/// is not above 0 or not below the ceiling.
PitchTrack pitch_track(const Tensor& samples, double rate, const PitchOptions& options = {});

/// The same at the frames of a spectrogram, fp32 [1 + S / hop], with their middles at multiples of `hop` samples;
/// frames whose window does not fit into the clip are unvoiced.
Tensor frame_pitch(const Tensor& samples, double rate, int64_t hop, PitchOptions options = {});

}  // namespace sure
