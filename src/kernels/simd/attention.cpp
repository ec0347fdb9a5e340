// Self-attention without its matrix of weights in memory (as FlashAttention, Dao et al. 2022, computes it again in the
// backward pass): one head at a time on each thread, its keys and values packed once, its queries in blocks of rows.
#include <cmath>
#include <limits>

#include "kernels/simd/functions.h"
#include "kernels/simd/gemm.h"

namespace sure::SURE_SIMD {

using kernels::Attention;
using kernels::AttentionBackward;
using kernels::in_parallel;

namespace {

constexpr int64_t kBlock = 48;  // queries at a time
constexpr float kMasked = -std::numeric_limits<float>::infinity();

template <class To>
struct Store {
  To* target;
  int64_t stride;
  template <class L>
  void operator()(int64_t row, int64_t column, Floats sum, L lanes) const {
    lanes.store(target + row * stride + column, sum);
  }
};

struct AddFloats {
  float* target;
  int64_t stride;
  template <class L>
  void operator()(int64_t row, int64_t column, Floats sum, L lanes) const {
    float* at = target + row * stride + column;
    lanes.store(at, lanes.load(at) + sum);
  }
};

/// B of a product, packed panel by panel.
struct PackedB {
  uint32_t* data = nullptr;
  int64_t k = 0;
  int64_t columns = 0;

  template <class T>
  static int64_t size(int64_t k, int64_t columns) {
    return panel_words_of<T>(k) * Step<T>::kSteps * round_up(columns, kLanes);
  }

  template <bool Transposed, class T>
  void pack(const T* from, int64_t stride) const {
    uint32_t* to = data;
    for (int64_t column = 0; column < columns; column += kPanel) {
      const int64_t here = std::min(kPanel, columns - column), width = round_up(here, kLanes);
      if constexpr (Transposed) {
        pack_rows(from + column * stride, stride, here, k, width, to);
      } else {
        pack_columns(from + column, stride, k, here, width, to);
      }
      to += fill_panel<T>(k, width, to);
    }
  }
};

/// A of a product: by rows, or by columns of a packed matrix.
template <class T>
struct A {
  const T* data;
  int64_t row_stride;
  int64_t word_stride = kWord<T>;
};

template <class T, class S>
void multiply(const A<T>& a, const PackedB& b, int64_t rows, const S& store) {
  const uint32_t* panel = b.data;
  for (int64_t column = 0; column < b.columns; column += kPanel) {
    const int64_t columns = std::min(kPanel, b.columns - column);
    Terms<T> terms;
    terms.all[0] = {a.data, a.row_stride, a.word_stride, panel, words_of<T>(b.k)};
    terms.count = 1;
    run_panel(terms, 0, rows, column, columns, store);
    panel += PackedB::size<T>(b.k, columns);
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

/// Lays out a Layout in this thread's memory.
template <class Layout>
Layout in_scratch(const Attention& op) {
  thread_local Scratch scratch;
  Pieces counted(nullptr);
  const Layout measured(counted, op);
  Pieces pieces(scratch.get<char>(counted.bytes()));
  return Layout(pieces, op);
}

/// One head of one clip.
template <class T>
struct Head {
  int64_t index;  // clip · heads + head
  int64_t keys;   // valid ones
  const T* q;
  const T* k;
  const T* v;
};

template <class T>
Head<T> find_head(const Attention& op, int64_t index) {
  const int64_t clip = index / op.heads, column = index % op.heads * op.width;
  const int64_t keys = op.key_lengths == nullptr ? op.keys : std::min(op.key_lengths[clip], op.keys);
  const auto start = [&](const kernels::Heads& x) {
    return static_cast<const T*>(x.data) + clip * x.clip_stride + column;
  };
  return {index, keys, start(op.q), start(op.k), start(op.v)};
}

/// Where element (query, 0) of a head's weights stands in the count that dropout hashes.
uint64_t dropout_index(const Attention& op, int64_t head, int64_t query) {
  return static_cast<uint64_t>((head * op.queries + query) * op.keys);
}

/// Keys in front of those of the queries' frames, which alone have a bias.
int64_t prefix_of(const Attention& op) { return op.keys - op.queries; }

/// The bias by distance for one query of a head: element j is for the key of frame j.
const float* table_row(const Attention& op, int64_t head, int64_t query) {
  return op.bias.table + (head % op.heads) * (2 * op.queries - 1) + op.queries - 1 - query;
}

/// Adds the bias to a row of scores that the scale is still to be applied to.
void add_bias(const Attention& op, int64_t head, int64_t query, int64_t keys, float* scores) {
  const float* table = table_row(op, head, query);
  const Floats gate = set(op.bias.gate[head * op.queries + query] / op.scale);
  float* first = scores + prefix_of(op);
  for_columns(keys - prefix_of(op), [&](int64_t j, auto lanes) {
    lanes.store(first + j, fma(gate, lanes.load(table + j), lanes.load(first + j)));
  });
}

template <class T>
struct ForwardScratch {
  ForwardScratch(Pieces& pieces, const Attention& op)
      : stride(round_up(op.keys, 32)),
        k(pieces.take<uint32_t>(PackedB::size<T>(op.width, op.keys))),
        v(pieces.take<uint32_t>(PackedB::size<T>(op.keys, op.width))),
        scores(pieces.take<float>(kBlock * stride)),
        weights(pieces.take<T>(kBlock * stride)) {}
  int64_t stride;
  uint32_t* k;
  uint32_t* v;
  float* scores;
  T* weights;
};

/// Row of scores -> softmax weights with dropout; one more column becomes 0, for a word of two. Returns log Σ exp.
template <class T>
float soften(const Attention& op, const Dropout& dropout, uint64_t index, int64_t keys, const float* scores,
             T* weights) {
  Floats largest = set(kMasked);
  for_columns(keys, [&](int64_t column, auto lanes) {
    largest = max(largest, lanes.only(lanes.load(scores + column), kMasked));
  });
  const float peak = largest_of(largest) * op.scale;
  const auto exponent = [&](int64_t column, auto lanes) {
    return lanes.only(exponential(fma(lanes.load(scores + column), set(op.scale), set(-peak))));
  };
  Floats total = zero();
  for_columns(keys, [&](int64_t column, auto lanes) { total += exponent(column, lanes); });
  const float sum = sum_of(total);
  for_columns(keys, [&](int64_t column, auto lanes) {
    const Floats weight = exponent(column, lanes) * set(1 / sum);
    lanes.store(weights + column, dropout(weight, index + static_cast<uint64_t>(column)));
  });
  if (keys % 2 == 1) weights[keys] = 0;
  return peak + std::log(sum);
}

template <class T>
void forward_head(const Attention& op, const Head<T>& head, const ForwardScratch<T>& scratch, const Dropout& dropout,
                  T* out, float* log_sums) {
  const PackedB keys = {scratch.k, op.width, head.keys}, values = {scratch.v, head.keys, op.width};
  keys.pack<true>(head.k, op.k.row_stride);
  values.pack<false>(head.v, op.v.row_stride);
  const int64_t out_stride = op.heads * op.width;
  for (int64_t begin = 0; begin < op.queries; begin += kBlock) {
    const int64_t rows = std::min(kBlock, op.queries - begin);
    const A<T> queries = {head.q + begin * op.q.row_stride, op.q.row_stride};
    multiply(queries, keys, rows, Store<float>{scratch.scores, scratch.stride});
    for (int64_t row = 0; row < rows; ++row) {
      const int64_t at = row * scratch.stride;
      if (op.bias.table != nullptr) add_bias(op, head.index, begin + row, head.keys, scratch.scores + at);
      log_sums[begin + row] = soften(op, dropout, dropout_index(op, head.index, begin + row), head.keys,
                                     scratch.scores + at, scratch.weights + at);
    }
    const A<T> weights = {scratch.weights, scratch.stride};
    multiply(weights, values, rows, Store<T>{out + begin * out_stride, out_stride});
  }
}

template <class T>
struct BackwardScratch {
  BackwardScratch(Pieces& pieces, const Attention& op)
      : stride(round_up(op.keys, 32)),
        k_by_row(pieces.take<uint32_t>(PackedB::size<T>(op.width, op.keys))),
        v_by_row(pieces.take<uint32_t>(PackedB::size<T>(op.width, op.keys))),
        k(pieces.take<uint32_t>(PackedB::size<T>(op.keys, op.width))),
        q(pieces.take<uint32_t>(PackedB::size<T>(kBlock, op.width))),
        d_out(pieces.take<uint32_t>(PackedB::size<T>(kBlock, op.width))),
        scores(pieces.take<float>(kBlock * stride)),
        d_weights(pieces.take<float>(kBlock * stride)),
        weights(pieces.take<T>(kBlock * stride)),
        d_scores(pieces.take<T>(kBlock * stride)),
        by_key(pieces.take<uint32_t>(words_of<T>(kBlock) * stride)),
        dk(pieces.take<float>(stride * op.width)),
        dv(pieces.take<float>(stride * op.width)) {}
  int64_t stride;
  uint32_t* k_by_row;
  uint32_t* v_by_row;
  uint32_t* k;
  uint32_t* q;
  uint32_t* d_out;
  float* scores;
  float* d_weights;
  T* weights;
  T* d_scores;
  uint32_t* by_key;
  float* dk;
  float* dv;
};

/// Of one head.
template <class T>
struct Gradients {
  const T* out;
  const float* log_sums;
  const T* d_out;
  T* dq;
  T* dk;
  T* dv;
  float* d_gate;   // [queries] or null
  float* d_table;  // [2 queries - 1] or null
};

/// Shares of one query in the gradients of the gate and the table; `d_scores` has the scale in it.
template <class T>
void add_bias_backward(const Attention& op, int64_t head, int64_t query, int64_t keys, const T* d_scores,
                       const Gradients<T>& g) {
  const T* first = d_scores + prefix_of(op);
  const int64_t count = keys - prefix_of(op);
  if (g.d_gate != nullptr) {
    const float* table = table_row(op, head, query);
    Floats sum = zero();
    for_columns(count, [&](int64_t j, auto lanes) { sum = fma(lanes.load(first + j), lanes.load(table + j), sum); });
    g.d_gate[query] = sum_of(sum) / op.scale;
  }
  if (g.d_table != nullptr) {
    float* d_table = g.d_table + op.queries - 1 - query;
    const Floats gate = set(op.bias.gate[head * op.queries + query] / op.scale);
    for_columns(count, [&](int64_t j, auto lanes) {
      lanes.store(d_table + j, fma(gate, lanes.load(first + j), lanes.load(d_table + j)));
    });
  }
}

template <class T>
float dot(const T* a, const T* b, int64_t count) {
  Floats sum = zero();
  for_columns(count, [&](int64_t i, auto lanes) { sum = fma(lanes.load(a + i), lanes.load(b + i), sum); });
  return sum_of(sum);
}

/// weights: softmax with dropout, as the forward pass had it; d_scores: scale · P ∘ (dropout(dP) - delta).
template <class T>
void soften_backward(const Attention& op, const Dropout& dropout, uint64_t index, int64_t keys, const float* scores,
                     const float* d_weights, float log_sum, float delta, T* weights, T* d_scores) {
  for_columns(keys, [&](int64_t column, auto lanes) {
    const Floats p = exponential(fma(lanes.load(scores + column), set(op.scale), set(-log_sum)));
    const uint64_t at = index + static_cast<uint64_t>(column);
    const Floats d_p = dropout(lanes.load(d_weights + column), at);
    lanes.store(weights + column, dropout(p, at));
    lanes.store(d_scores + column, p * (d_p - set(delta)) * set(op.scale));
  });
  if (keys % 2 == 1) d_scores[keys] = 0;
}

template <class T>
void round_rows(const float* from, int64_t rows, int64_t width, int64_t stride, T* to) {
  for (int64_t row = 0; row < rows; ++row) {
    for_columns(width, [&](int64_t column, auto lanes) {
      lanes.store(to + row * stride + column, lanes.load(from + row * width + column));
    });
  }
}

template <class T>
void backward_head(const Attention& op, const Head<T>& head, const BackwardScratch<T>& s, const Dropout& dropout,
                   const Gradients<T>& g) {
  const int64_t width = op.width, keys = head.keys, stride = op.heads * width;
  const PackedB k_by_row = {s.k_by_row, width, keys}, v_by_row = {s.v_by_row, width, keys}, k = {s.k, keys, width};
  k_by_row.pack<true>(head.k, op.k.row_stride);
  v_by_row.pack<true>(head.v, op.v.row_stride);
  k.pack<false>(head.k, op.k.row_stride);
  std::fill_n(s.dk, op.keys * width, 0.0F);
  std::fill_n(s.dv, op.keys * width, 0.0F);
  for (int64_t begin = 0; begin < op.queries; begin += kBlock) {
    const int64_t rows = std::min(kBlock, op.queries - begin);
    const T* d_out = g.d_out + begin * stride;
    const T* block_q = head.q + begin * op.q.row_stride;
    multiply(A<T>{block_q, op.q.row_stride}, k_by_row, rows, Store<float>{s.scores, s.stride});
    multiply(A<T>{d_out, stride}, v_by_row, rows, Store<float>{s.d_weights, s.stride});
    for (int64_t row = 0; row < rows; ++row) {
      const int64_t at = row * s.stride;
      if (op.bias.table != nullptr) add_bias(op, head.index, begin + row, keys, s.scores + at);
      const float delta = dot(g.out + (begin + row) * stride, d_out + row * stride, width);
      soften_backward(op, dropout, dropout_index(op, head.index, begin + row), keys, s.scores + at, s.d_weights + at,
                      g.log_sums[begin + row], delta, s.weights + at, s.d_scores + at);
      if (op.bias.table != nullptr) add_bias_backward(op, head.index, begin + row, keys, s.d_scores + at, g);
    }
    multiply(A<T>{s.d_scores, s.stride}, k, rows, Store<T>{g.dq + begin * stride, stride});
    const PackedB packed_q = {s.q, rows, width}, packed_d_out = {s.d_out, rows, width};
    packed_q.pack<false>(block_q, op.q.row_stride);
    packed_d_out.pack<false>(d_out, stride);
    const auto by_key = [&](const T* rows_of_queries) {
      const Strides strides = pack_columns_of_a(rows_of_queries, s.stride, rows, keys, s.by_key);
      return A<T>{reinterpret_cast<const T*>(s.by_key), strides.row, strides.word};
    };
    multiply(by_key(s.d_scores), packed_q, keys, AddFloats{s.dk, width});
    multiply(by_key(s.weights), packed_d_out, keys, AddFloats{s.dv, width});
  }
  round_rows(s.dk, op.keys, width, stride, g.dk);
  round_rows(s.dv, op.keys, width, stride, g.dv);
}

}  // namespace

template <class T>
void attention(const Attention& op) {
  const Dropout dropout(op.dropout);
  in_parallel(op.clips * op.heads, [&](int64_t begin, int64_t end) {
    const auto scratch = in_scratch<ForwardScratch<T>>(op);
    for (int64_t i = begin; i < end; ++i) {
      T* out = static_cast<T*>(op.out) + (i / op.heads * op.queries * op.heads + i % op.heads) * op.width;
      forward_head(op, find_head<T>(op, i), scratch, dropout, out, op.log_sums + i * op.queries);
    }
  });
}

template <class T>
void attention_backward(const AttentionBackward& backward) {
  const Attention& op = backward.forward;
  const auto row_of = [](float* all, int64_t at) { return all == nullptr ? nullptr : all + at; };
  const Dropout dropout(op.dropout);
  in_parallel(op.clips * op.heads, [&](int64_t begin, int64_t end) {
    const auto scratch = in_scratch<BackwardScratch<T>>(op);
    for (int64_t i = begin; i < end; ++i) {
      const int64_t clip = i / op.heads, column = i % op.heads * op.width, stride = op.heads * op.width;
      const int64_t by_query = clip * op.queries * stride + column, by_key = clip * op.keys * stride + column;
      const Gradients<T> gradients = {static_cast<const T*>(op.out) + by_query,
                                      op.log_sums + i * op.queries,
                                      static_cast<const T*>(backward.d_out) + by_query,
                                      static_cast<T*>(backward.dq) + by_query,
                                      static_cast<T*>(backward.dk) + by_key,
                                      static_cast<T*>(backward.dv) + by_key,
                                      row_of(backward.d_gate, i * op.queries),
                                      row_of(backward.d_table, i * (2 * op.queries - 1))};
      backward_head(op, find_head<T>(op, i), scratch, dropout, gradients);
    }
  });
}

template void attention<bf16>(const Attention& op);
template void attention<float>(const Attention& op);
template void attention_backward<bf16>(const AttentionBackward& op);
template void attention_backward<float>(const AttentionBackward& op);

}  // namespace sure::SURE_SIMD
