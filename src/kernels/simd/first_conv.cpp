// The convolution over the waveform: a window of a few samples into hundreds of channels.
#include <algorithm>

#include "kernels/parallel.h"
#include "kernels/simd/functions.h"
#include "kernels/simd/vector.h"

namespace sure::SURE_SIMD {

using kernels::FirstConv;
using kernels::in_parallel;

namespace {

constexpr int kFrames = 4;  // at a time, so that a weight is loaded once for all of them

template <class T, int Frames>
void run_frames(const FirstConv& op, int64_t clip, int64_t frame) {
  const float* window = op.audio + clip * op.samples + frame * op.stride;
  const float* weights = op.weights + clip * op.kernel * op.channels;
  T* out = static_cast<T*>(op.out) + (clip * op.frames + frame) * op.channels;
  for_columns(op.channels, [&](int64_t channel, auto lanes) {
    Floats sums[Frames];
    for (Floats& sum : sums) sum = lanes.load(op.biases + clip * op.channels + channel);
    for (int64_t k = 0; k < op.kernel; ++k) {
      const Floats weight = lanes.load(weights + k * op.channels + channel);
      for (int i = 0; i < Frames; ++i) sums[i] = fma(weight, set(window[i * op.stride + k]), sums[i]);
    }
    for (int i = 0; i < Frames; ++i) {
      lanes.store(out + i * op.channels + channel, op.gelu ? gelu(sums[i]).value : sums[i]);
    }
  });
}

}  // namespace

template <class T>
void first_conv(const FirstConv& op) {
  const int64_t blocks = (op.frames + kFrames - 1) / kFrames;
  in_parallel(op.clips * blocks, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t clip = i / blocks, frame = i % blocks * kFrames;
      if (frame + kFrames <= op.frames) {
        run_frames<T, kFrames>(op, clip, frame);
      } else {
        for (int64_t single = frame; single < op.frames; ++single) run_frames<T, 1>(op, clip, single);
      }
    }
  });
}

template void first_conv<bf16>(const FirstConv& op);
template void first_conv<float>(const FirstConv& op);

}  // namespace sure::SURE_SIMD
