// Self-attention without its matrix of weights in memory (as FlashAttention, Dao et al. 2022, computes it again in the
// backward pass): one head at a time on each thread, its keys and values packed once, its queries in blocks of rows.
#include <cmath>

#include "kernels/avx512/functions.h"
#include "kernels/avx512/gemm.h"

namespace sure::avx512 {

using kernels::Attention;
using kernels::AttentionBackward;
using kernels::in_parallel;

namespace {

constexpr int64_t kBlock = 48;  // queries at a time
constexpr float kMasked = -1e30F;

int64_t round_up(int64_t value, int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

struct StoreFloats {
  float* target;
  int64_t stride;
  template <class L>
  void operator()(int64_t row, int64_t column, __m512 sum, L lanes) const {
    lanes.store(target + row * stride + column, sum);
  }
};

struct AddFloats {
  float* target;
  int64_t stride;
  template <class L>
  void operator()(int64_t row, int64_t column, __m512 sum, L lanes) const {
    float* at = target + row * stride + column;
    lanes.store(at, _mm512_add_ps(lanes.load(at), sum));
  }
};

struct StoreBf16 {
  bf16* target;
  int64_t stride;
  template <class L>
  void operator()(int64_t row, int64_t column, __m512 sum, L lanes) const {
    lanes.store(target + row * stride + column, sum);
  }
};

/// B of a product, packed panel by panel.
struct PackedB {
  bf16* data = nullptr;
  int64_t k = 0;
  int64_t columns = 0;

  static int64_t size(int64_t k, int64_t columns) { return round_up(k, 2) * round_up(columns, kLanes); }

  template <bool Transposed>
  void pack(const bf16* from, int64_t stride) const {
    bf16* to = data;
    for (int64_t column = 0; column < columns; column += kPanel) {
      const int64_t here = std::min(kPanel, columns - column), width = round_up(here, kLanes);
      if constexpr (Transposed) {
        pack_rows(from + column * stride, stride, here, k, width, to);
      } else {
        pack_columns(from + column, stride, k, here, width, to);
      }
      to += round_up(k, 2) * width;
    }
  }
};

/// The sixteen-wide blocks of A [rows, k]: by rows, or by columns of a packed matrix.
struct A {
  const bf16* data;
  int64_t row_stride;
  int64_t pair_stride = 2;
};

template <class Store>
void multiply(const A& a, const PackedB& b, int64_t rows, const Store& store) {
  const bf16* panel = b.data;
  for (int64_t column = 0; column < b.columns; column += kPanel) {
    const int64_t columns = std::min(kPanel, b.columns - column), width = round_up(columns, kLanes);
    const Term term = {a.data, a.row_stride, a.pair_stride, panel, round_up(b.k, 2) / 2};
    run_panel(static_cast<int>(width / kLanes), &term, 1, 0, rows, column, columns, store);
    panel += term.pairs * 2 * width;
  }
}

/// Cuts pieces off one block of memory.
class Pieces {
 public:
  explicit Pieces(char* memory) : memory_(memory) {}

  /// The next piece; null where there is no memory and only the sizes count.
  template <class T>
  T* take(int64_t count) {
    T* piece = memory_ == nullptr ? nullptr : reinterpret_cast<T*>(memory_ + bytes_);
    bytes_ += round_up(count * static_cast<int64_t>(sizeof(T)), 64);
    return piece;
  }
  int64_t bytes() const { return bytes_; }

 private:
  char* memory_;
  int64_t bytes_ = 0;
};

/// Lays out T in this thread's memory.
template <class T>
T in_scratch(const Attention& op) {
  thread_local Scratch scratch;
  Pieces counted(nullptr);
  const T measured(counted, op);
  Pieces pieces(scratch.get<char>(counted.bytes()));
  return T(pieces, op);
}

/// One head of one clip.
struct Head {
  int64_t index;  // clip · heads + head
  int64_t keys;   // valid ones
  const bf16* q;
  const bf16* k;
  const bf16* v;
};

Head find_head(const Attention& op, int64_t index) {
  const int64_t clip = index / op.heads, column = index % op.heads * op.width;
  const int64_t keys = op.key_lengths == nullptr ? op.keys : std::min(op.key_lengths[clip], op.keys);
  const auto start = [&](const kernels::Heads& x) { return x.data + clip * x.clip_stride + column; };
  return {index, keys, start(op.q), start(op.k), start(op.v)};
}

/// Where element (query, 0) of a head's weights stands in the count that dropout hashes.
uint64_t dropout_index(const Attention& op, const Head& head, int64_t query) {
  return static_cast<uint64_t>((head.index * op.queries + query) * op.keys);
}

struct ForwardScratch {
  ForwardScratch(Pieces& pieces, const Attention& op)
      : stride(round_up(op.keys, 32)),
        k(pieces.take<bf16>(PackedB::size(op.width, op.keys))),
        v(pieces.take<bf16>(PackedB::size(op.keys, op.width))),
        scores(pieces.take<float>(kBlock * stride)),
        weights(pieces.take<bf16>(kBlock * stride)) {}
  int64_t stride;
  bf16* k;
  bf16* v;
  float* scores;
  bf16* weights;
};

/// Row of scores -> softmax weights with dropout; columns past the keys up to an even count become 0. Returns log Σ
/// exp.
float soften(const Attention& op, const Dropout& dropout, uint64_t index, int64_t keys, const float* scores,
             bf16* weights) {
  __m512 largest = set(kMasked);
  for_columns(keys, [&](int64_t column, auto lanes) {
    largest = _mm512_mask_max_ps(largest, lanes.mask, largest, lanes.load(scores + column));
  });
  const float peak = _mm512_reduce_max_ps(largest) * op.scale;
  __m512 total = _mm512_setzero_ps();
  const auto exponent = [&](int64_t column, auto lanes) {
    return _mm512_maskz_mov_ps(lanes.mask,
                               exponential(_mm512_fmsub_ps(lanes.load(scores + column), set(op.scale), set(peak))));
  };
  for_columns(keys, [&](int64_t column, auto lanes) { total = _mm512_add_ps(total, exponent(column, lanes)); });
  const float sum = _mm512_reduce_add_ps(total);
  for_columns(keys, [&](int64_t column, auto lanes) {
    const __m512 weight = _mm512_mul_ps(exponent(column, lanes), set(1 / sum));
    lanes.store(weights + column, dropout(weight, index + static_cast<uint64_t>(column)));
  });
  if (keys % 2 == 1) weights[keys] = 0;
  return peak + std::log(sum);
}

void forward_head(const Attention& op, const Head& head, const ForwardScratch& scratch, const Dropout& dropout,
                  bf16* out, float* log_sums) {
  const PackedB keys = {scratch.k, op.width, head.keys}, values = {scratch.v, head.keys, op.width};
  keys.pack<true>(head.k, op.k.row_stride);
  values.pack<false>(head.v, op.v.row_stride);
  const int64_t out_stride = op.heads * op.width;
  for (int64_t begin = 0; begin < op.queries; begin += kBlock) {
    const int64_t rows = std::min(kBlock, op.queries - begin);
    const A queries = {head.q + begin * op.q.row_stride, op.q.row_stride};
    multiply(queries, keys, rows, StoreFloats{scratch.scores, scratch.stride});
    for (int64_t row = 0; row < rows; ++row) {
      log_sums[begin + row] = soften(op, dropout, dropout_index(op, head, begin + row), head.keys,
                                     scratch.scores + row * scratch.stride, scratch.weights + row * scratch.stride);
    }
    multiply({scratch.weights, scratch.stride}, values, rows, StoreBf16{out + begin * out_stride, out_stride});
  }
}

struct BackwardScratch {
  BackwardScratch(Pieces& pieces, const Attention& op)
      : stride(round_up(op.keys, 32)),
        k_by_row(pieces.take<bf16>(PackedB::size(op.width, op.keys))),
        v_by_row(pieces.take<bf16>(PackedB::size(op.width, op.keys))),
        k(pieces.take<bf16>(PackedB::size(op.keys, op.width))),
        q(pieces.take<bf16>(PackedB::size(kBlock, op.width))),
        d_out(pieces.take<bf16>(PackedB::size(kBlock, op.width))),
        scores(pieces.take<float>(kBlock * stride)),
        d_weights(pieces.take<float>(kBlock * stride)),
        weights(pieces.take<bf16>(kBlock * stride)),
        d_scores(pieces.take<bf16>(kBlock * stride)),
        pairs(pieces.take<bf16>(kBlock * stride)),
        dk(pieces.take<float>(stride * op.width)),
        dv(pieces.take<float>(stride * op.width)) {}
  int64_t stride;
  bf16* k_by_row;
  bf16* v_by_row;
  bf16* k;
  bf16* q;
  bf16* d_out;
  float* scores;
  float* d_weights;
  bf16* weights;
  bf16* d_scores;
  bf16* pairs;
  float* dk;
  float* dv;
};

struct Gradients {
  const bf16* out;
  const float* log_sums;
  const bf16* d_out;
  bf16* dq;
  bf16* dk;
  bf16* dv;
};

float dot(const bf16* a, const bf16* b, int64_t count) {
  __m512 sum = _mm512_setzero_ps();
  for_columns(count, [&](int64_t i, auto lanes) { sum = _mm512_fmadd_ps(lanes.load(a + i), lanes.load(b + i), sum); });
  return _mm512_reduce_add_ps(sum);
}

/// weights: softmax with dropout, as the forward pass had it; d_scores: scale · P ∘ (dropout(dP) - delta).
void soften_backward(const Attention& op, const Dropout& dropout, uint64_t index, int64_t keys, const float* scores,
                     const float* d_weights, float log_sum, float delta, bf16* weights, bf16* d_scores) {
  for_columns(keys, [&](int64_t column, auto lanes) {
    const __m512 p = exponential(_mm512_fmsub_ps(lanes.load(scores + column), set(op.scale), set(log_sum)));
    const uint64_t at = index + static_cast<uint64_t>(column);
    const __m512 d_p = dropout(lanes.load(d_weights + column), at);
    lanes.store(weights + column, dropout(p, at));
    lanes.store(d_scores + column, _mm512_mul_ps(_mm512_mul_ps(p, _mm512_sub_ps(d_p, set(delta))), set(op.scale)));
  });
  if (keys % 2 == 1) d_scores[keys] = 0;
}

void round_rows(const float* from, int64_t rows, int64_t width, int64_t stride, bf16* to) {
  for (int64_t row = 0; row < rows; ++row) {
    for_columns(width, [&](int64_t column, auto lanes) {
      lanes.store(to + row * stride + column, lanes.load(from + row * width + column));
    });
  }
}

void backward_head(const Attention& op, const Head& head, const BackwardScratch& s, const Dropout& dropout,
                   const Gradients& g) {
  const int64_t width = op.width, keys = head.keys, stride = op.heads * width;
  const PackedB k_by_row = {s.k_by_row, width, keys}, v_by_row = {s.v_by_row, width, keys}, k = {s.k, keys, width};
  k_by_row.pack<true>(head.k, op.k.row_stride);
  v_by_row.pack<true>(head.v, op.v.row_stride);
  k.pack<false>(head.k, op.k.row_stride);
  std::fill_n(s.dk, op.keys * width, 0.0F);
  std::fill_n(s.dv, op.keys * width, 0.0F);
  for (int64_t begin = 0; begin < op.queries; begin += kBlock) {
    const int64_t rows = std::min(kBlock, op.queries - begin);
    const bf16* d_out = g.d_out + begin * stride;
    const bf16* block_q = head.q + begin * op.q.row_stride;
    multiply({block_q, op.q.row_stride}, k_by_row, rows, StoreFloats{s.scores, s.stride});
    multiply({d_out, stride}, v_by_row, rows, StoreFloats{s.d_weights, s.stride});
    for (int64_t row = 0; row < rows; ++row) {
      const int64_t at = row * s.stride;
      const float delta = dot(g.out + (begin + row) * stride, d_out + row * stride, width);
      soften_backward(op, dropout, dropout_index(op, head, begin + row), keys, s.scores + at, s.d_weights + at,
                      g.log_sums[begin + row], delta, s.weights + at, s.d_scores + at);
    }
    multiply({s.d_scores, s.stride}, k, rows, StoreBf16{g.dq + begin * stride, stride});
    const PackedB packed_q = {s.q, rows, width}, packed_d_out = {s.d_out, rows, width};
    packed_q.pack<false>(block_q, op.q.row_stride);
    packed_d_out.pack<false>(d_out, stride);
    const A by_key = {s.pairs, 2, 2 * round_up(keys, kLanes)};
    pack_columns(s.d_scores, s.stride, rows, keys, round_up(keys, kLanes), s.pairs);
    multiply(by_key, packed_q, keys, AddFloats{s.dk, width});
    pack_columns(s.weights, s.stride, rows, keys, round_up(keys, kLanes), s.pairs);
    multiply(by_key, packed_d_out, keys, AddFloats{s.dv, width});
  }
  round_rows(s.dk, op.keys, width, stride, g.dk);
  round_rows(s.dv, op.keys, width, stride, g.dv);
}

}  // namespace

void attention(const Attention& op) {
  const Dropout dropout(op.dropout);
  in_parallel(op.clips * op.heads, [&](int64_t begin, int64_t end) {
    const auto scratch = in_scratch<ForwardScratch>(op);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t offset = (i / op.heads * op.queries * op.heads + i % op.heads) * op.width;
      forward_head(op, find_head(op, i), scratch, dropout, op.out + offset, op.log_sums + i * op.queries);
    }
  });
}

void attention_backward(const AttentionBackward& backward) {
  const Attention& op = backward.forward;
  const Dropout dropout(op.dropout);
  in_parallel(op.clips * op.heads, [&](int64_t begin, int64_t end) {
    const auto scratch = in_scratch<BackwardScratch>(op);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t clip = i / op.heads, column = i % op.heads * op.width, stride = op.heads * op.width;
      const int64_t by_query = clip * op.queries * stride + column, by_key = clip * op.keys * stride + column;
      backward_head(op, find_head(op, i), scratch, dropout,
                    {op.out + by_query, op.log_sums + i * op.queries, backward.d_out + by_query, backward.dq + by_query,
                     backward.dk + by_key, backward.dv + by_key});
    }
  });
}

}  // namespace sure::avx512
