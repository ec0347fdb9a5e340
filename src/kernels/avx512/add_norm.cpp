// Dropout, and residual, dropout and layer norm in one pass over the rows.
#include <algorithm>
#include <cmath>

#include "kernels/avx512/functions.h"
#include "kernels/avx512/vector.h"
#include "kernels/parallel.h"

namespace sure::avx512 {

using kernels::AddNorm;
using kernels::AddNormBackward;
using kernels::in_parallel;

namespace {

struct Moments {
  float mean;
  float inverse_deviation;
};

/// x + dropout(y), or x alone.
class Sum {
 public:
  explicit Sum(const AddNorm& op) : op_(op), dropout_(op.dropout) {}

  template <class L>
  __m512 at(int64_t row, int64_t column, L lanes) const {
    const int64_t index = row * op_.columns + column;
    const __m512 x = lanes.load(op_.x + index);
    if (op_.y == nullptr) return x;
    return _mm512_add_ps(x, dropout_(lanes.load(op_.y + index), static_cast<uint64_t>(index)));
  }

 private:
  const AddNorm& op_;
  Dropout dropout_;
};

/// Two passes, so that a large mean costs no precision.
template <class Load>
Moments moments_of(int64_t columns, float eps, const Load& load) {
  __m512 total = _mm512_setzero_ps();
  for_columns(columns, [&](int64_t column, auto lanes) { total = _mm512_add_ps(total, load(column, lanes)); });
  const float mean = _mm512_reduce_add_ps(total) / static_cast<float>(columns);
  __m512 squares = _mm512_setzero_ps();
  for_columns(columns, [&](int64_t column, auto lanes) {
    const __m512 centred = _mm512_maskz_sub_ps(lanes.mask, load(column, lanes), set(mean));
    squares = _mm512_fmadd_ps(centred, centred, squares);
  });
  return {mean, 1 / std::sqrt(_mm512_reduce_add_ps(squares) / static_cast<float>(columns) + eps)};
}

void norm_row(const AddNorm& op, const Sum& sum, int64_t row) {
  const int64_t begin = row * op.columns;
  const bf16* x = op.sum == nullptr ? op.x + begin : op.sum + begin;
  if (op.sum != nullptr) {
    for_columns(op.columns,
                [&](int64_t column, auto lanes) { lanes.store(op.sum + begin + column, sum.at(row, column, lanes)); });
  }
  const Moments m = moments_of(op.columns, op.eps, [&](int64_t column, auto lanes) { return lanes.load(x + column); });
  if (op.statistics != nullptr) {
    op.statistics[2 * row] = m.mean;
    op.statistics[2 * row + 1] = m.inverse_deviation;
  }
  for_columns(op.columns, [&](int64_t column, auto lanes) {
    const __m512 centred = _mm512_sub_ps(lanes.load(x + column), set(m.mean));
    const __m512 scale = _mm512_mul_ps(lanes.load(op.weight + column), set(m.inverse_deviation));
    const __m512 y = _mm512_fmadd_ps(centred, scale, lanes.load(op.bias + column));
    lanes.store(op.normed + begin + column, op.gelu ? gelu(y).value : y);
  });
}

/// Adds a row's share to the gradients of weight and bias.
template <class Normal>
void add_norm_gradients(const AddNormBackward& op, int64_t row, const Normal& normal, float* d_weight) {
  float* d_bias = d_weight + op.columns;
  for_columns(op.columns, [&](int64_t column, auto lanes) {
    const __m512 g = lanes.load(op.d_normed + row * op.columns + column);
    lanes.store(d_weight + column, _mm512_fmadd_ps(g, normal(column, lanes), lanes.load(d_weight + column)));
    lanes.store(d_bias + column, _mm512_add_ps(g, lanes.load(d_bias + column)));
  });
}

void norm_row_backward(const AddNormBackward& op, const Dropout& dropout, int64_t row, float* d_norm) {
  const int64_t begin = row * op.columns;
  const __m512 mean = set(op.statistics[2 * row]), inverse = set(op.statistics[2 * row + 1]);
  const auto scaled = [&](int64_t column, auto lanes) {
    return _mm512_mul_ps(lanes.load(op.d_normed + begin + column), lanes.load(op.weight + column));
  };
  const auto normal = [&](int64_t column, auto lanes) {
    return _mm512_maskz_mul_ps(lanes.mask, _mm512_sub_ps(lanes.load(op.sum + begin + column), mean), inverse);
  };
  if (d_norm != nullptr) add_norm_gradients(op, row, normal, d_norm);
  __m512 total = _mm512_setzero_ps(), product = total;
  for_columns(op.columns, [&](int64_t column, auto lanes) {
    const __m512 g = scaled(column, lanes);
    total = _mm512_add_ps(total, g);
    product = _mm512_fmadd_ps(g, normal(column, lanes), product);
  });
  const auto columns = static_cast<float>(op.columns);
  const __m512 mean_g = set(_mm512_reduce_add_ps(total) / columns);
  const __m512 mean_product = set(_mm512_reduce_add_ps(product) / columns);
  for_columns(op.columns, [&](int64_t column, auto lanes) {
    const __m512 g = _mm512_sub_ps(scaled(column, lanes), mean_g);
    __m512 dx = _mm512_mul_ps(inverse, _mm512_fnmadd_ps(normal(column, lanes), mean_product, g));
    const int64_t at = begin + column;
    if (op.d_sum != nullptr) dx = _mm512_add_ps(dx, lanes.load(op.d_sum + at));
    lanes.store(op.dx + at, dx);
    if (op.dy != nullptr && op.dy != op.dx) lanes.store(op.dy + at, dropout(dx, static_cast<uint64_t>(at)));
  });
}

}  // namespace

void dropout(const bf16* x, int64_t count, const kernels::DropoutMask& mask, bf16* to) {
  const Dropout drop(mask);
  constexpr int64_t kRow = 4096;
  in_parallel((count + kRow - 1) / kRow, [&](int64_t begin, int64_t end) {
    const int64_t first = begin * kRow, last = std::min(end * kRow, count);
    for_columns(last - first, [&](int64_t i, auto lanes) {
      lanes.store(to + first + i, drop(lanes.load(x + first + i), static_cast<uint64_t>(first + i)));
    });
  });
}

void add_norm(const AddNorm& op) {
  const Sum sum(op);
  in_parallel(op.rows, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) norm_row(op, sum, row);
  });
}

void add_norm_backward(const AddNormBackward& op) {
  const Dropout dropout(op.dropout);
  in_parallel(op.parts, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; ++part) {
      float* d_norm = op.d_norm == nullptr ? nullptr : op.d_norm + part * 2 * op.columns;
      const int64_t first = op.rows * part / op.parts, last = op.rows * (part + 1) / op.parts;
      for (int64_t row = first; row < last; ++row) norm_row_backward(op, dropout, row, d_norm);
    }
  });
}

}  // namespace sure::avx512
