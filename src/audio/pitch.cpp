#include "audio/pitch.h"

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "audio/pitch_candidates.h"
#include "core/error.h"

namespace sure {

namespace {

void check_options(const PitchOptions& options) {
  if (options.floor > 0 && options.floor < options.ceiling) return;
  fail_usage("the pitch floor {} Hz must be above 0 and below the ceiling {} Hz", options.floor, options.ceiling);
}

/// Steps get cheaper the shorter they are, so that a path's cost does not depend on the number of frames.
constexpr double kUsualStep = 0.01;  // seconds

class CheapestPath {
 public:
  explicit CheapestPath(const PitchOptions& options) : options_(options), scale_(kUsualStep / options.time_step) {}

  /// The chosen pitch of each frame, 0 = unvoiced.
  std::vector<float> find(const std::vector<PitchFrame>& frames) {
    std::vector<std::vector<double>> values;
    std::vector<std::vector<size_t>> origins;
    for (const PitchFrame& frame : frames) {
      values.push_back(local_values(frame));
      origins.emplace_back(frame.candidates.size(), 0);
      const size_t t = values.size() - 1;
      if (t > 0) connect(frames[t - 1], frame, values[t - 1], values[t], origins[t]);
    }
    return trace_back(frames, values, origins);
  }

 private:
  bool is_voiced(double hertz) const { return hertz > 0 && hertz < options_.ceiling; }

  std::vector<double> local_values(const PitchFrame& frame) const {
    const double quiet = 2 - frame.intensity * (1 + options_.voicing_threshold) / options_.silence_threshold;
    const double unvoiced = options_.voicing_threshold + (options_.silence_threshold > 0 ? std::max(0.0, quiet) : 0.0);
    std::vector<double> values;
    for (const PitchCandidate& c : frame.candidates) {
      values.push_back(is_voiced(c.hertz) ? c.strength - options_.octave_cost * std::log2(options_.ceiling / c.hertz)
                                          : unvoiced);
    }
    return values;
  }

  double cost(double from, double to) const {
    const bool voiced = is_voiced(from);
    if (voiced != is_voiced(to)) return scale_ * options_.voiced_unvoiced_cost;
    return voiced ? scale_ * options_.octave_jump_cost * std::abs(std::log2(from / to)) : 0.0;
  }

  /// Adds to each candidate of `frame` the best way there.
  void connect(const PitchFrame& before, const PitchFrame& frame, const std::vector<double>& reached,
               std::vector<double>& values, std::vector<size_t>& origins) const {
    for (size_t to = 0; to < values.size(); ++to) {
      double best = -INFINITY;
      for (size_t from = 0; from < reached.size(); ++from) {
        const double value = reached[from] - cost(before.candidates[from].hertz, frame.candidates[to].hertz);
        if (value <= best) continue;
        best = value;
        origins[to] = from;
      }
      values[to] += best;
    }
  }

  std::vector<float> trace_back(const std::vector<PitchFrame>& frames, const std::vector<std::vector<double>>& values,
                                const std::vector<std::vector<size_t>>& origins) const {
    std::vector<float> path(frames.size());
    if (frames.empty()) return path;
    auto place =
        static_cast<size_t>(std::max_element(values.back().begin(), values.back().end()) - values.back().begin());
    for (size_t t = frames.size(); t-- > 0; place = origins[t][place]) {
      const double hertz = frames[t].candidates[place].hertz;
      path[t] = is_voiced(hertz) ? static_cast<float>(hertz) : 0.0F;
    }
    return path;
  }

  PitchOptions options_;
  double scale_;
};

}  // namespace

PitchOptions speech_pitch() {
  PitchOptions options;
  options.floor = 80;
  options.ceiling = 750;
  options.voicing_threshold = 0.6;
  return options;
}

PitchTrack pitch_track(const Tensor& samples, double rate, const PitchOptions& given) {
  check_options(given);
  PitchOptions options = given;
  options.ceiling = std::min(options.ceiling, rate / 2);
  const PitchWindow window(rate, options.floor);
  if (options.time_step <= 0) options.time_step = window.seconds / 4;
  const double seconds = static_cast<double>(samples.size(0)) / rate;
  if (seconds < window.seconds) {
    fail("a clip of {:.3f} s is too short for a pitch from {} Hz on, which takes {:.3f} s", seconds, options.floor,
         window.seconds);
  }
  const double steps = std::floor((seconds - window.seconds) / options.time_step);
  const auto count = static_cast<int64_t>(steps) + 1;
  PitchTrack track;
  track.time_step = options.time_step;
  track.first_time = (seconds - steps * options.time_step) / 2;
  const std::vector<float> path =
      CheapestPath(options).find(pitch_frames(samples, rate, track.first_time, count, options));
  track.hertz = at::zeros({count}, at::kFloat);
  std::copy(path.begin(), path.end(), track.hertz.mutable_data_ptr<float>());
  return track;
}

Tensor frame_pitch(const Tensor& samples, double rate, int64_t hop, PitchOptions options) {
  check_options(options);
  options.ceiling = std::min(options.ceiling, rate / 2);
  options.time_step = static_cast<double>(hop) / rate;
  const PitchWindow window(rate, options.floor);
  const int64_t reach = std::max(window.half, window.period) + 1;
  const Tensor pitch = at::zeros({1 + samples.size(0) / hop}, at::kFloat);
  const int64_t first = (reach + hop - 1) / hop, last = (samples.size(0) - reach) / hop;
  if (samples.size(0) < reach || last < first) return pitch;
  const std::vector<PitchFrame> frames =
      pitch_frames(samples, rate, static_cast<double>(first) * options.time_step, last - first + 1, options);
  const std::vector<float> path = CheapestPath(options).find(frames);
  std::copy(path.begin(), path.end(), pitch.mutable_data_ptr<float>() + first);
  return pitch;
}

}  // namespace sure
