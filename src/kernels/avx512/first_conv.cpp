// The convolution over the waveform: a window of a few samples into hundreds of channels.
#include <algorithm>

#include "kernels/avx512/functions.h"
#include "kernels/avx512/vector.h"
#include "kernels/parallel.h"

namespace sure::avx512 {

using kernels::FirstConv;
using kernels::in_parallel;

namespace {

constexpr int kFrames = 4;  // at a time, so that a weight is loaded once for all of them

template <int Frames>
void run_frames(const FirstConv& op, int64_t clip, int64_t frame) {
  const float* window = op.audio + clip * op.samples + frame * op.stride;
  const float* weights = op.weights + clip * op.kernel * op.channels;
  bf16* out = op.out + (clip * op.frames + frame) * op.channels;
  for_columns(op.channels, [&](int64_t channel, auto lanes) {
    __m512 sums[Frames];
    for (__m512& sum : sums) sum = lanes.load(op.biases + clip * op.channels + channel);
    for (int64_t k = 0; k < op.kernel; ++k) {
      const __m512 weight = lanes.load(weights + k * op.channels + channel);
      for (int i = 0; i < Frames; ++i) sums[i] = _mm512_fmadd_ps(weight, set(window[i * op.stride + k]), sums[i]);
    }
    for (int i = 0; i < Frames; ++i) {
      lanes.store(out + i * op.channels + channel, op.gelu ? gelu(sums[i]).value : sums[i]);
    }
  });
}

}  // namespace

void first_conv(const FirstConv& op) {
  const int64_t blocks = (op.frames + kFrames - 1) / kFrames;
  in_parallel(op.clips * blocks, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t clip = i / blocks, frame = i % blocks * kFrames;
      if (frame + kFrames <= op.frames) {
        run_frames<kFrames>(op, clip, frame);
      } else {
        for (int64_t single = frame; single < op.frames; ++single) run_frames<1>(op, clip, single);
      }
    }
  });
}

}  // namespace sure::avx512
