// Names of quantities follow the paper: r is the autocorrelation of the sound, r(window) · r estimated from a frame.
#include "audio/pitch_candidates.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/fft_irfft.h>
#include <ATen/ops/fft_rfft.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

#include "audio/sinc_peak.h"

namespace sure {

namespace {

constexpr double kPeriodsPerWindow = 3;
constexpr int64_t kBlock = 256;      // frames that are transformed together
constexpr int64_t kRoughDepth = 30;  // samples to each side, to rank peaks
constexpr int64_t kFineDepth = 70;

int64_t floor_of(double value) { return static_cast<int64_t>(std::floor(value)); }

int64_t power_of_two_from(double least) {
  int64_t size = 1;
  while (static_cast<double>(size) < least) size *= 2;
  return size;
}

/// All that is the same for every frame.
struct Analysis {
  Analysis(double sampling_rate, const PitchOptions& pitch_options)
      : options(pitch_options), rate(sampling_rate), window(sampling_rate, pitch_options.floor) {
    const int64_t size = 2 * window.half;
    lags = size / 2;
    last_lag = std::min(floor_of(static_cast<double>(size) / kPeriodsPerWindow) + 2, size);
    transform = power_of_two_from(1.5 * static_cast<double>(size));
    const Tensor phase = at::arange(1, size + 1, at::kDouble) * (2 * M_PI / static_cast<double>(size + 1));
    hann = 0.5 - 0.5 * at::cos(phase);
    window_correlation = correlate(hann).slice(0, 0, lags + 1);
    window_correlation = window_correlation / window_correlation[0].item<double>();
  }

  /// Along the last axis.
  Tensor correlate(const Tensor& frames) const {
    const Tensor spectrum = at::fft_rfft(frames, transform);
    return at::fft_irfft(spectrum.abs().square(), transform);
  }

  PitchOptions options;
  double rate;
  PitchWindow window;
  int64_t lags;      // r is known up to this one
  int64_t last_lag;  // of peaks
  int64_t transform;
  Tensor hann;
  Tensor window_correlation;  // [lags + 1]
};

/// Peaks of one frame's r, which holds lags -n … n.
class PeakFinder {
 public:
  PeakFinder(const Analysis& analysis, const double* r) : analysis_(&analysis), r_(r, analysis.lags) {}

  std::vector<PitchCandidate> find() {
    const double threshold = 0.5 * analysis_->options.voicing_threshold;
    for (int64_t lag = 2; lag < std::min(analysis_->last_lag, analysis_->lags); ++lag) {
      const double before = r_.at(lag - 1), here = r_.at(lag), after = r_.at(lag + 1);
      if (here > threshold && here > before && here >= after) add_peak(lag, before, here, after);
    }
    std::vector<PitchCandidate> found = {{0, 0}};
    for (const Peak& peak : peaks_) found.push_back(refine(peak));
    return found;
  }

 private:
  struct Peak {
    int64_t lag;
    PitchCandidate candidate;
  };

  /// A low pitch pays for its octave, so that of two equal peaks the shorter period wins.
  double value_of(const PitchCandidate& candidate) const {
    return candidate.strength - analysis_->options.octave_cost * std::log2(analysis_->options.floor / candidate.hertz);
  }

  void add_peak(int64_t lag, double before, double here, double after) {
    const double vertex = 0.5 * (after - before) / (2 * here - before - after);
    const double hertz = analysis_->rate / (static_cast<double>(lag) + vertex);
    double strength = r_.interpolate(analysis_->rate / hertz, kRoughDepth);
    if (strength > 1) strength = 1 / strength;
    const Peak peak = {lag, {hertz, strength}};
    if (std::ssize(peaks_) < analysis_->options.candidates - 1) {
      peaks_.push_back(peak);
      return;
    }
    const auto weakest = std::min_element(peaks_.begin(), peaks_.end(), [&](const Peak& a, const Peak& b) {
      return value_of(a.candidate) < value_of(b.candidate);
    });
    if (value_of(peak.candidate) > value_of(weakest->candidate)) *weakest = peak;
  }

  PitchCandidate refine(const Peak& peak) const {
    const SincPeak top = r_.peak_near(peak.lag, kFineDepth);
    return {analysis_->rate / top.position, top.height > 1 ? 1 / top.height : top.height};
  }

  const Analysis* analysis_;
  SincCurve r_;
  std::vector<Peak> peaks_;
};

/// Frames of one block, windowed and without their local means: [frames, window] in double, with their peaks.
struct Block {
  Tensor frames;
  std::vector<double> peaks;
};

Block cut_frames(const double* samples, double first_time, int64_t first, int64_t count, const Analysis& analysis) {
  const PitchWindow& window = analysis.window;
  const int64_t half_period = window.period / 2 + 1;
  Block block{at::zeros({count, 2 * window.half}, at::kDouble), std::vector<double>(static_cast<size_t>(count))};
  auto* frame = block.frames.mutable_data_ptr<double>();
  const auto* hann = analysis.hann.const_data_ptr<double>();
  for (int64_t i = 0; i < count; ++i, frame += 2 * window.half) {
    const double time = first_time + static_cast<double>(first + i) * analysis.options.time_step;
    const int64_t middle = floor_of(time * analysis.rate - 0.5) + 1;  // the first sample right of it
    double sum = 0;
    for (int64_t j = middle - window.period; j < middle + window.period; ++j) sum += samples[j];
    const double mean = sum / static_cast<double>(2 * window.period);
    for (int64_t j = 0; j < 2 * window.half; ++j) frame[j] = (samples[middle - window.half + j] - mean) * hann[j];
    const int64_t from = std::max<int64_t>(0, window.half - half_period);
    const int64_t to = std::min(2 * window.half, window.half + half_period);
    double& peak = block.peaks[static_cast<size_t>(i)];
    for (int64_t j = from; j < to; ++j) peak = std::max(peak, std::abs(frame[j]));
  }
  return block;
}

/// r at lags -n … n, [frames, 2 n + 1].
Tensor two_sided_correlation(const Tensor& frames, const Analysis& analysis) {
  const Tensor both = analysis.correlate(frames).slice(1, 0, analysis.lags + 1);
  const Tensor r = both / (both.slice(1, 0, 1) * analysis.window_correlation);
  const Tensor mirrored = at::zeros({r.size(0), 2 * analysis.lags + 1}, at::kDouble);
  mirrored.slice(1, analysis.lags).copy_(r);
  mirrored.slice(1, 0, analysis.lags).copy_(r.slice(1, 1).flip(1));
  return mirrored;
}

}  // namespace

PitchWindow::PitchWindow(double rate, double floor)
    : seconds(kPeriodsPerWindow / floor),
      half(floor_of(floor_of(seconds * rate) / 2.0) - 1),
      period(floor_of(rate / floor)) {}

std::vector<PitchFrame> pitch_frames(const Tensor& samples, double rate, double first_time, int64_t count,
                                     const PitchOptions& options) {
  const Analysis analysis(rate, options);
  const Tensor sound = samples.to(at::kDouble).contiguous();
  const double loudest = (sound - sound.mean()).abs().max().item<double>();
  std::vector<PitchFrame> frames(static_cast<size_t>(count));
  for (int64_t first = 0; loudest > 0 && first < count; first += kBlock) {
    const Block block =
        cut_frames(sound.const_data_ptr<double>(), first_time, first, std::min(kBlock, count - first), analysis);
    const Tensor r = two_sided_correlation(block.frames, analysis);
    const auto* rows = r.const_data_ptr<double>();
    for (int64_t i = 0; i < r.size(0); ++i) {
      const double peak = block.peaks[static_cast<size_t>(i)];
      if (peak == 0) continue;
      frames[static_cast<size_t>(first + i)] = {std::min(1.0, peak / loudest),
                                                PeakFinder(analysis, rows + i * r.size(1)).find()};
    }
  }
  for (PitchFrame& frame : frames) {
    if (frame.candidates.empty()) frame.candidates = {{0, 0}};
  }
  return frames;
}

}  // namespace sure
