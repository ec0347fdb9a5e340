// The ConvAdapter's convolutions over time: pairs of channels into one, one into one, one into a pair. A vector of
// inner channels at a time for a whole clip, so that everything in between stays in the first-level cache.
#include <algorithm>

#include "kernels/simd/functions.h"
#include "kernels/simd/gemm.h"

namespace sure::SURE_SIMD {

using kernels::DepthwiseChain;
using kernels::DepthwiseChainBackward;
using kernels::in_parallel;

namespace {

/// One value for each of a vector of channels in each frame, with silent frames around: frame t lies at data +
/// kLanes · t.
using Track = float*;

constexpr int64_t kMargin = kernels::kMaxDepthwiseTaps / 2;

using Some = Lanes<false>;  // the block's channels

Floats load(const float* from) { return Lanes<true>(kLanes).load(from); }
void store(float* to, Floats x) { Lanes<true>(kLanes).store(to, x); }

/// out[t] += Σ taps[i] · in[t + i - n / 2]; taps are `stride` apart.
template <bool Reversed>
void correlate(const float* in, const float* taps, int64_t n, int64_t stride, const Some& lanes, int64_t frames,
               float* out) {
  for (int64_t i = 0; i < n; ++i) {
    const Floats tap = lanes.load(taps + i * stride);
    const float* from = in + (Reversed ? n / 2 - i : i - n / 2) * kLanes;
    for (int64_t t = 0; t < frames; ++t) {
      float* to = out + t * kLanes;
      store(to, fma(tap, load(from + t * kLanes), load(to)));
    }
  }
}

/// gradients[i] += Σ d_out[t] · in[t + i - n / 2].
void add_tap_gradients(const float* d_out, const float* in, int64_t n, int64_t stride, const Some& lanes,
                       int64_t frames, float* gradients) {
  for (int64_t i = 0; i < n; ++i) {
    const float* from = in + (i - n / 2) * kLanes;
    Floats sum = lanes.load(gradients + i * stride);
    for (int64_t t = 0; t < frames; ++t) sum = fma(load(d_out + t * kLanes), load(from + t * kLanes), sum);
    lanes.store(gradients + i * stride, sum);
  }
}

/// Pairs of neighbours as two vectors: the even and the odd channels.
struct Pair {
  Floats even;
  Floats odd;
};

Pair load_pairs(const bf16* from, const Some& lanes) {
  const Words words = lanes.load_words(from);
  return {reinterpret_cast<Floats>(words << 16), reinterpret_cast<Floats>(words & 0xFFFF0000U)};
}
Pair load_pairs(const float* from, const Some& lanes) {
  const int64_t count = 2 * lanes.count;
  const Floats lower = Some(count).load(from);
  const Floats upper = count > kLanes ? Some(count - kLanes).load(from + kLanes) : zero();
  return {even_of(lower, upper), odd_of(lower, upper)};
}

void store_pairs(bf16* to, const Pair& pair, const Some& lanes) {
  lanes.store_words(to, rounded_words(pair.even) | (rounded_words(pair.odd) << 16));
}
void store_pairs(float* to, const Pair& pair, const Some& lanes) {
  const int64_t count = 2 * lanes.count;
  Some(count).store(to, lower_of_interleaved(pair.even, pair.odd));
  if (count > kLanes) Some(count - kLanes).store(to + kLanes, upper_of_interleaved(pair.even, pair.odd));
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

/// A vector of inner channels of one clip.
struct Block {
  Block(const DepthwiseChain& chain, int64_t clip_index, int64_t index)
      : op(chain),
        clip(clip_index),
        channel(index * kLanes),
        lanes(std::min<int64_t>(chain.inner - channel, kLanes)),
        frames(chain.lengths == nullptr ? chain.frames : std::min(chain.lengths[clip], chain.frames)) {}

  template <class T>
  Pair load(const void* data, int64_t t) const {
    return load_pairs(static_cast<const T*>(data) + offset(t), lanes);
  }
  template <class T>
  void store(void* data, int64_t t, const Pair& pair) const {
    store_pairs(static_cast<T*>(data) + offset(t), pair, lanes);
  }
  /// Of per-clip values, [clips][2][inner]: those of the even and of the odd channels.
  Pair load_pair(const float* values) const {
    const float* at = values + clip * 2 * op.inner + channel;
    return {lanes.load(at), lanes.load(at + op.inner)};
  }
  void store_pair(float* values, const Pair& pair) const {
    float* at = values + clip * 2 * op.inner + channel;
    lanes.store(at, pair.even);
    lanes.store(at + op.inner, pair.odd);
  }

  const DepthwiseChain& op;
  int64_t clip;
  int64_t channel;
  Some lanes;
  int64_t frames;  // valid ones

 private:
  int64_t offset(int64_t t) const { return ((clip * op.frames + t) * op.inner + channel) * 2; }
};

template <class T>
void load_tracks(const Block& block, const void* data, Track even, Track odd) {
  for (int64_t t = 0; t < block.frames; ++t) {
    const Pair pair = block.load<T>(data, t);
    store(even + t * kLanes, pair.even);
    store(odd + t * kLanes, pair.odd);
  }
}

/// The first two convolutions: relu(down), then mid.
template <class T>
void run_inner(const Block& block, Track even, Track odd, Track down, Track mid) {
  const DepthwiseChain& op = block.op;
  load_tracks<T>(block, op.x, even, odd);
  const int64_t inner = op.inner, c = block.channel;
  correlate<false>(even, op.down + c, op.down_taps, inner, block.lanes, block.frames, down);
  correlate<false>(odd, op.down + op.down_taps * inner + c, op.down_taps, inner, block.lanes, block.frames, down);
  for (int64_t i = 0; i < block.frames * kLanes; i += kLanes) {
    store(down + i, max(zero(), load(down + i)));
  }
  correlate<false>(down, op.mid + c, op.mid_taps, inner, block.lanes, block.frames, mid);
}

template <class T>
void run_block(const Block& block) {
  const DepthwiseChain& op = block.op;
  const Tracks tracks(6, op.frames);
  const Track mid = tracks[3], even = tracks[4], odd = tracks[5];
  run_inner<T>(block, tracks[0], tracks[1], tracks[2], mid);
  const float* up = op.up + block.channel;
  correlate<false>(mid, up, op.up_taps, op.inner, block.lanes, block.frames, even);
  correlate<false>(mid, up + op.up_taps * op.inner, op.up_taps, op.inner, block.lanes, block.frames, odd);
  Pair total = {zero(), zero()};
  for (int64_t t = 0; t < op.frames; ++t) {
    const Pair pair = {load(even + t * kLanes), load(odd + t * kLanes)};
    total = {total.even + pair.even, total.odd + pair.odd};
    block.store<T>(op.y, t, pair);
  }
  const Floats share = set(1 / static_cast<float>(block.frames));
  block.store_pair(op.mean, {total.even * share, total.odd * share});
}

template <class T>
void run_block_backward(const DepthwiseChainBackward& backward, const Block& block) {
  const DepthwiseChain& op = block.op;
  const int64_t inner = op.inner, c = block.channel, frames = block.frames;
  const Tracks tracks(10, op.frames);
  const Track even = tracks[0], odd = tracks[1], down = tracks[2], mid = tracks[3], d_even = tracks[4],
              d_odd = tracks[5], d_mid = tracks[6], d_down = tracks[7], dx_even = tracks[8], dx_odd = tracks[9];
  run_inner<T>(block, even, odd, down, mid);

  const Pair d_mean = block.load_pair(backward.d_mean);
  const Floats share = set(1 / static_cast<float>(frames));
  for (int64_t t = 0; t < frames; ++t) {
    const Pair dy = block.load<T>(backward.dy, t);
    store(d_even + t * kLanes, fma(d_mean.even, share, dy.even));
    store(d_odd + t * kLanes, fma(d_mean.odd, share, dy.odd));
  }
  const int64_t up_half = op.up_taps * inner, down_half = op.down_taps * inner;
  add_tap_gradients(d_even, mid, op.up_taps, inner, block.lanes, frames, backward.d_up + c);
  add_tap_gradients(d_odd, mid, op.up_taps, inner, block.lanes, frames, backward.d_up + up_half + c);
  correlate<true>(d_even, op.up + c, op.up_taps, inner, block.lanes, frames, d_mid);
  correlate<true>(d_odd, op.up + up_half + c, op.up_taps, inner, block.lanes, frames, d_mid);
  add_tap_gradients(d_mid, down, op.mid_taps, inner, block.lanes, frames, backward.d_mid + c);
  correlate<true>(d_mid, op.mid + c, op.mid_taps, inner, block.lanes, frames, d_down);
  for (int64_t i = 0; i < frames * kLanes; i += kLanes) {
    store(d_down + i, load(down + i) <= zero() ? zero() : load(d_down + i));
  }
  add_tap_gradients(d_down, even, op.down_taps, inner, block.lanes, frames, backward.d_down + c);
  add_tap_gradients(d_down, odd, op.down_taps, inner, block.lanes, frames, backward.d_down + down_half + c);
  correlate<true>(d_down, op.down + c, op.down_taps, inner, block.lanes, frames, dx_even);
  correlate<true>(d_down, op.down + down_half + c, op.down_taps, inner, block.lanes, frames, dx_odd);
  for (int64_t t = 0; t < op.frames; ++t) {
    block.store<T>(backward.dx, t, {load(dx_even + t * kLanes), load(dx_odd + t * kLanes)});
  }
}

int64_t blocks_of(const DepthwiseChain& op) { return (op.inner + kLanes - 1) / kLanes; }

}  // namespace

template <class T>
void depthwise_chain(const DepthwiseChain& op) {
  const int64_t blocks = blocks_of(op);
  in_parallel(blocks * op.clips, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) run_block<T>(Block(op, i % op.clips, i / op.clips));
  });
}

// A block belongs to one thread with all its clips: they add up in the same gradients.
template <class T>
void depthwise_chain_backward(const DepthwiseChainBackward& backward) {
  const DepthwiseChain& op = backward.forward;
  in_parallel(blocks_of(op), [&](int64_t begin, int64_t end) {
    for (int64_t block = begin; block < end; ++block) {
      for (int64_t clip = 0; clip < op.clips; ++clip) run_block_backward<T>(backward, Block(op, clip, block));
    }
  });
}

template void depthwise_chain<bf16>(const DepthwiseChain& op);
template void depthwise_chain<float>(const DepthwiseChain& op);
template void depthwise_chain_backward<bf16>(const DepthwiseChainBackward& backward);
template void depthwise_chain_backward<float>(const DepthwiseChainBackward& backward);

}  // namespace sure::SURE_SIMD
