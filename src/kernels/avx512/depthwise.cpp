// The ConvAdapter's convolutions over time: pairs of channels into one, one into one, one into a pair. Sixteen of the
// inner channels at a time for a whole clip, so that everything in between stays in the first-level cache.
#include <algorithm>

#include "kernels/avx512/functions.h"
#include "kernels/avx512/gemm.h"

namespace sure::avx512 {

using kernels::DepthwiseChain;
using kernels::DepthwiseChainBackward;
using kernels::in_parallel;

namespace {

/// One value for each of sixteen channels in each frame, with silent frames around: frame t lies at data + 16 t.
using Track = float*;

constexpr int64_t kMargin = kernels::kMaxDepthwiseTaps / 2;

/// out[t] += Σ taps[i] · in[t + i - n / 2]; taps are `stride` apart.
template <bool Reversed>
void correlate(const float* in, const float* taps, int64_t n, int64_t stride, __mmask16 mask, int64_t frames,
               float* out) {
  for (int64_t i = 0; i < n; ++i) {
    const __m512 tap = _mm512_maskz_loadu_ps(mask, taps + i * stride);
    const float* from = in + (Reversed ? n / 2 - i : i - n / 2) * kLanes;
    for (int64_t t = 0; t < frames; ++t) {
      float* to = out + t * kLanes;
      _mm512_store_ps(to, _mm512_fmadd_ps(tap, _mm512_load_ps(from + t * kLanes), _mm512_load_ps(to)));
    }
  }
}

/// gradients[i] += Σ d_out[t] · in[t + i - n / 2].
void add_tap_gradients(const float* d_out, const float* in, int64_t n, int64_t stride, __mmask16 mask, int64_t frames,
                       float* gradients) {
  for (int64_t i = 0; i < n; ++i) {
    const float* from = in + (i - n / 2) * kLanes;
    __m512 sum = _mm512_maskz_loadu_ps(mask, gradients + i * stride);
    for (int64_t t = 0; t < frames; ++t) {
      sum = _mm512_fmadd_ps(_mm512_load_ps(d_out + t * kLanes), _mm512_load_ps(from + t * kLanes), sum);
    }
    _mm512_mask_storeu_ps(gradients + i * stride, mask, sum);
  }
}

/// Pairs of bf16 in words as two vectors: the even and the odd channels.
struct Pair {
  __m512 even;
  __m512 odd;
};

Pair split(__m512i words) {
  return {_mm512_castsi512_ps(_mm512_slli_epi32(words, 16)),
          _mm512_castsi512_ps(_mm512_and_si512(words, _mm512_set1_epi32(static_cast<int>(0xFFFF0000U))))};
}

__m512i join(const Pair& pair) {
  const auto narrow = [](__m512 x) { return _mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(x))); };
  return _mm512_or_si512(narrow(pair.even), _mm512_slli_epi32(narrow(pair.odd), 16));
}

/// The tracks of one block of channels, in this thread's memory.
class Tracks {
 public:
  Tracks(int64_t count, int64_t frames) : length_((frames + 2 * kMargin) * kLanes) {
    thread_local Scratch scratch;
    memory_ = scratch.get<float>(count * length_);
    std::fill_n(memory_, count * length_, 0.0F);
  }
  Track operator[](int64_t index) const { return memory_ + index * length_ + kMargin * kLanes; }

 private:
  int64_t length_;
  float* memory_;
};

/// Sixteen inner channels of one clip.
struct Block {
  Block(const DepthwiseChain& chain, int64_t clip_index, int64_t index)
      : op(chain),
        clip(clip_index),
        channel(index * kLanes),
        mask(Lanes<false>(chain.inner - channel).mask),
        frames(chain.lengths == nullptr ? chain.frames : std::min(chain.lengths[clip], chain.frames)) {}

  const bf16* frame(const bf16* data, int64_t t) const {
    return data + ((clip * op.frames + t) * op.inner + channel) * 2;
  }
  Pair load(const bf16* data, int64_t t) const { return split(_mm512_maskz_loadu_epi32(mask, frame(data, t))); }
  void store(bf16* data, int64_t t, const Pair& pair) const {
    _mm512_mask_storeu_epi32(const_cast<bf16*>(frame(data, t)), mask, join(pair));
  }
  /// Of per-clip values, [clips][2][inner]: those of the even and of the odd channels.
  Pair load_pair(const float* values) const {
    const float* at = values + clip * 2 * op.inner + channel;
    return {_mm512_maskz_loadu_ps(mask, at), _mm512_maskz_loadu_ps(mask, at + op.inner)};
  }
  void store_pair(float* values, const Pair& pair) const {
    float* at = values + clip * 2 * op.inner + channel;
    _mm512_mask_storeu_ps(at, mask, pair.even);
    _mm512_mask_storeu_ps(at + op.inner, mask, pair.odd);
  }

  const DepthwiseChain& op;
  int64_t clip;
  int64_t channel;
  __mmask16 mask;
  int64_t frames;  // valid ones
};

void load_tracks(const Block& block, const bf16* data, Track even, Track odd) {
  for (int64_t t = 0; t < block.frames; ++t) {
    const Pair pair = block.load(data, t);
    _mm512_store_ps(even + t * kLanes, pair.even);
    _mm512_store_ps(odd + t * kLanes, pair.odd);
  }
}

/// The first two convolutions: relu(down), then mid.
void run_inner(const Block& block, Track even, Track odd, Track down, Track mid) {
  const DepthwiseChain& op = block.op;
  load_tracks(block, op.x, even, odd);
  const int64_t inner = op.inner, c = block.channel;
  correlate<false>(even, op.down + c, op.down_taps, inner, block.mask, block.frames, down);
  correlate<false>(odd, op.down + op.down_taps * inner + c, op.down_taps, inner, block.mask, block.frames, down);
  for (int64_t i = 0; i < block.frames * kLanes; i += kLanes) {
    _mm512_store_ps(down + i, _mm512_max_ps(_mm512_load_ps(down + i), _mm512_setzero_ps()));
  }
  correlate<false>(down, op.mid + c, op.mid_taps, inner, block.mask, block.frames, mid);
}

void run_block(const Block& block) {
  const DepthwiseChain& op = block.op;
  const Tracks tracks(6, op.frames);
  const Track mid = tracks[3], even = tracks[4], odd = tracks[5];
  run_inner(block, tracks[0], tracks[1], tracks[2], mid);
  const float* up = op.up + block.channel;
  correlate<false>(mid, up, op.up_taps, op.inner, block.mask, block.frames, even);
  correlate<false>(mid, up + op.up_taps * op.inner, op.up_taps, op.inner, block.mask, block.frames, odd);
  Pair total = {_mm512_setzero_ps(), _mm512_setzero_ps()};
  for (int64_t t = 0; t < op.frames; ++t) {
    const Pair pair = {_mm512_load_ps(even + t * kLanes), _mm512_load_ps(odd + t * kLanes)};
    total = {_mm512_add_ps(total.even, pair.even), _mm512_add_ps(total.odd, pair.odd)};
    block.store(op.y, t, pair);
  }
  const __m512 share = set(1 / static_cast<float>(block.frames));
  block.store_pair(op.mean, {_mm512_mul_ps(total.even, share), _mm512_mul_ps(total.odd, share)});
}

void run_block_backward(const DepthwiseChainBackward& backward, const Block& block) {
  const DepthwiseChain& op = block.op;
  const int64_t inner = op.inner, c = block.channel, frames = block.frames;
  const Tracks tracks(10, op.frames);
  const Track even = tracks[0], odd = tracks[1], down = tracks[2], mid = tracks[3], d_even = tracks[4],
              d_odd = tracks[5], d_mid = tracks[6], d_down = tracks[7], dx_even = tracks[8], dx_odd = tracks[9];
  run_inner(block, even, odd, down, mid);

  const Pair d_mean = block.load_pair(backward.d_mean);
  const __m512 share = set(1 / static_cast<float>(frames));
  for (int64_t t = 0; t < frames; ++t) {
    const Pair dy = block.load(backward.dy, t);
    _mm512_store_ps(d_even + t * kLanes, _mm512_fmadd_ps(d_mean.even, share, dy.even));
    _mm512_store_ps(d_odd + t * kLanes, _mm512_fmadd_ps(d_mean.odd, share, dy.odd));
  }
  const int64_t up_half = op.up_taps * inner, down_half = op.down_taps * inner;
  add_tap_gradients(d_even, mid, op.up_taps, inner, block.mask, frames, backward.d_up + c);
  add_tap_gradients(d_odd, mid, op.up_taps, inner, block.mask, frames, backward.d_up + up_half + c);
  correlate<true>(d_even, op.up + c, op.up_taps, inner, block.mask, frames, d_mid);
  correlate<true>(d_odd, op.up + up_half + c, op.up_taps, inner, block.mask, frames, d_mid);
  add_tap_gradients(d_mid, down, op.mid_taps, inner, block.mask, frames, backward.d_mid + c);
  correlate<true>(d_mid, op.mid + c, op.mid_taps, inner, block.mask, frames, d_down);
  for (int64_t i = 0; i < frames * kLanes; i += kLanes) {
    const __mmask16 on = _mm512_cmp_ps_mask(_mm512_load_ps(down + i), _mm512_setzero_ps(), _CMP_GT_OQ);
    _mm512_store_ps(d_down + i, _mm512_maskz_mov_ps(on, _mm512_load_ps(d_down + i)));
  }
  add_tap_gradients(d_down, even, op.down_taps, inner, block.mask, frames, backward.d_down + c);
  add_tap_gradients(d_down, odd, op.down_taps, inner, block.mask, frames, backward.d_down + down_half + c);
  correlate<true>(d_down, op.down + c, op.down_taps, inner, block.mask, frames, dx_even);
  correlate<true>(d_down, op.down + down_half + c, op.down_taps, inner, block.mask, frames, dx_odd);
  for (int64_t t = 0; t < op.frames; ++t) {
    block.store(backward.dx, t, {_mm512_load_ps(dx_even + t * kLanes), _mm512_load_ps(dx_odd + t * kLanes)});
  }
}

int64_t blocks_of(const DepthwiseChain& op) { return (op.inner + kLanes - 1) / kLanes; }

}  // namespace

void depthwise_chain(const DepthwiseChain& op) {
  const int64_t blocks = blocks_of(op);
  in_parallel(blocks * op.clips, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) run_block(Block(op, i % op.clips, i / op.clips));
  });
}

// A block belongs to one thread with all its clips: they add up in the same gradients.
void depthwise_chain_backward(const DepthwiseChainBackward& backward) {
  const DepthwiseChain& op = backward.forward;
  in_parallel(blocks_of(op), [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      for (int64_t clip = 0; clip < op.clips; ++clip) run_block_backward(backward, Block(op, clip, block));
    }
  });
}

}  // namespace sure::avx512
