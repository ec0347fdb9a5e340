#include "metrics/speech_distance.h"

#include <ATen/ops/cdist.h>
#include <ATen/ops/norm.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "audio/mel_cepstrum.h"
#include "audio/pitch.h"

namespace sure {

namespace {

using Path = std::vector<std::pair<int64_t, int64_t>>;

enum class Step : uint8_t { InA, InB, InBoth };

/// How the cheapest path came to each pair of frames, [A][B] in one row after the other.
std::vector<Step> cheapest_steps(const Tensor& distances) {
  const auto cost = distances.accessor<double, 2>();
  const int64_t rows = distances.size(0), columns = distances.size(1);
  constexpr double kNever = std::numeric_limits<double>::infinity();
  std::vector<Step> steps(static_cast<size_t>(rows * columns));
  std::vector<double> above(static_cast<size_t>(columns) + 1, kNever), here(above);
  above[0] = 0;
  for (int64_t a = 0; a < rows; ++a) {
    here[0] = kNever;
    for (int64_t b = 0; b < columns; ++b) {
      const double in_a = above[b + 1], in_b = here[b], both = above[b];
      const double least = std::min({in_a, in_b, both});
      here[b + 1] = least + cost[a][b];
      steps[static_cast<size_t>(a * columns + b)] = least == in_a   ? Step::InA
                                                    : least == in_b ? Step::InB
                                                                    : Step::InBoth;
    }
    std::swap(above, here);
  }
  return steps;
}

Tensor frames_along(const Tensor& x, const Path& path, bool of_a) {
  std::vector<int64_t> frames;
  for (const auto& [a, b] : path) frames.push_back(of_a ? a : b);
  return x.index_select(0, at::tensor(frames, at::kLong));
}

/// At the middles of the cepstra's frames, in Hz, 0 = unvoiced: as many as the clip has of them.
Tensor pitch_of(const Tensor& samples, int64_t rate, int64_t frames) {
  const auto hop = static_cast<int64_t>(kCepstrumHop * static_cast<double>(rate));
  const int64_t first = std::llround(kCepstrumWindow / kCepstrumHop / 2);
  return frame_pitch(samples.to(at::kFloat), static_cast<double>(rate), hop, speech_pitch())
      .slice(0, first, first + frames)
      .to(at::kDouble);
}

void compare_pitch(const Tensor& recording, const Tensor& speech, SpeechDistance& result) {
  const Tensor voiced = recording > 0, speech_voiced = speech > 0, both = voiced & speech_voiced;
  const Tensor differ = voiced ^ speech_voiced, off = both & ((speech - recording).abs() > 0.2 * recording);
  result.voicing = differ.to(at::kDouble).mean().item<double>();
  result.pitch_frames = (differ | off).to(at::kDouble).mean().item<double>();
  const Tensor real = recording.masked_select(both), made = speech.masked_select(both);
  result.pitch = (made - real).square().mean().sqrt().item<double>();
  result.pitch_semitones = ((made / real).log2() * 12).square().mean().sqrt().item<double>();
}

}  // namespace

Path time_warping(const Tensor& a, const Tensor& b) {
  const std::vector<Step> steps = cheapest_steps(at::cdist(a, b, 2, /*compute_mode: no products*/ 2));
  Path path = {{a.size(0) - 1, b.size(0) - 1}};
  while (path.back() != Path::value_type{0, 0}) {
    const auto [i, j] = path.back();
    const Step step = steps[static_cast<size_t>(i * b.size(0) + j)];
    path.emplace_back(i - (step == Step::InB ? 0 : 1), j - (step == Step::InA ? 0 : 1));
  }
  std::reverse(path.begin(), path.end());
  return path;
}

SpeechDistance speech_distance(const Tensor& recording, const Tensor& speech, int64_t rate) {
  const Tensor a = mel_bels(recording, rate), b = mel_bels(speech, rate);
  const Path path = time_warping(a, b);
  const Tensor difference = mel_cepstra(frames_along(a, path, true)) - mel_cepstra(frames_along(b, path, false));
  SpeechDistance result;
  result.cepstral = at::norm(difference.slice(1, 1, 16), 2, 1).mean().item<double>();
  compare_pitch(frames_along(pitch_of(recording, rate, a.size(0)), path, true),
                frames_along(pitch_of(speech, rate, b.size(0)), path, false), result);
  result.seconds = static_cast<double>(speech.size(0) - recording.size(0)) / static_cast<double>(rate);
  return result;
}

}  // namespace sure
