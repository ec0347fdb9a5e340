// Dropout, and residual, dropout and layer norm in one pass over the rows.
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/parallel.h"
#include "kernels/simd/functions.h"
#include "kernels/simd/vector.h"

namespace sure::SURE_SIMD {

using kernels::AddNorm;
using kernels::AddNormBackward;
using kernels::in_parallel;

namespace {

struct Moments {
  float mean;
  float inverse_deviation;
};

/// Two passes, so that a large mean costs no precision.
template <class T>
Moments moments_of(const T* x, int64_t columns, float eps) {
  Floats total = zero();
  for_columns(columns, [&](int64_t column, auto lanes) { total += lanes.load(x + column); });
  const float mean = sum_of(total) / static_cast<float>(columns);
  Floats squares = zero();
  for_columns(columns, [&](int64_t column, auto lanes) {
    const Floats centred = lanes.only(lanes.load(x + column) - set(mean));
    squares = fma(centred, centred, squares);
  });
  const float variance = sum_of(squares) / static_cast<float>(columns);
  // 1 / infinity would turn what overflowed into zeros.
  const float inverse =
      std::isfinite(variance) ? 1 / std::sqrt(variance + eps) : std::numeric_limits<float>::quiet_NaN();
  return {mean, inverse};
}

/// x + dropout(y) of a row, into op.sum.
template <class T>
void add_row(const AddNorm& op, const Dropout& dropout, int64_t begin) {
  const T* x = static_cast<const T*>(op.x);
  const T* y = static_cast<const T*>(op.y);
  T* sum = static_cast<T*>(op.sum);
  for_columns(op.columns, [&](int64_t column, auto lanes) {
    const int64_t at = begin + column;
    lanes.store(sum + at, lanes.load(x + at) + dropout(lanes.load(y + at), static_cast<uint64_t>(at)));
  });
}

template <class T>
void norm_row(const AddNorm& op, const Dropout& dropout, int64_t row) {
  const int64_t begin = row * op.columns;
  if (op.sum != nullptr) add_row<T>(op, dropout, begin);
  const T* x = static_cast<const T*>(op.sum == nullptr ? op.x : op.sum) + begin;
  T* normed = static_cast<T*>(op.normed) + begin;
  const Moments m = moments_of(x, op.columns, op.eps);
  if (op.statistics != nullptr) {
    op.statistics[2 * row] = m.mean;
    op.statistics[2 * row + 1] = m.inverse_deviation;
  }
  for_columns(op.columns, [&](int64_t column, auto lanes) {
    const Floats scale = lanes.load(op.weight + column) * set(m.inverse_deviation);
    const Floats y = fma(lanes.load(x + column) - set(m.mean), scale, lanes.load(op.bias + column));
    lanes.store(normed + column, op.gelu ? gelu(y).value : y);
  });
}

/// One row of the backward pass.
template <class T>
class NormRow {
 public:
  NormRow(const AddNormBackward& op, int64_t row)
      : op_(op),
        begin_(row * op.columns),
        mean_(set(op.statistics[2 * row])),
        inverse_(set(op.statistics[2 * row + 1])) {}

  template <class L>
  Floats load(const void* data, int64_t column, L lanes) const {
    return lanes.load(static_cast<const T*>(data) + begin_ + column);
  }
  template <class L>
  Floats scaled(int64_t column, L lanes) const {
    return load(op_.d_normed, column, lanes) * lanes.load(op_.weight + column);
  }
  template <class L>
  Floats normal(int64_t column, L lanes) const {
    return lanes.only((load(op_.sum, column, lanes) - mean_) * inverse_);
  }

  /// Adds this row's share to the gradients of weight and bias.
  void add_gradients(float* d_weight) const {
    float* d_bias = d_weight + op_.columns;
    for_columns(op_.columns, [&](int64_t column, auto lanes) {
      const Floats g = load(op_.d_normed, column, lanes);
      lanes.store(d_weight + column, fma(g, normal(column, lanes), lanes.load(d_weight + column)));
      lanes.store(d_bias + column, g + lanes.load(d_bias + column));
    });
  }

  void run(const Dropout& dropout) const {
    Floats total = zero(), product = zero();
    for_columns(op_.columns, [&](int64_t column, auto lanes) {
      const Floats g = scaled(column, lanes);
      total += g;
      product = fma(g, normal(column, lanes), product);
    });
    const auto columns = static_cast<float>(op_.columns);
    const Floats mean_g = set(sum_of(total) / columns), mean_product = set(sum_of(product) / columns);
    T* dx_row = static_cast<T*>(op_.dx);
    T* dy_row = op_.dy == op_.dx ? nullptr : static_cast<T*>(op_.dy);
    for_columns(op_.columns, [&](int64_t column, auto lanes) {
      const Floats g = scaled(column, lanes) - mean_g;
      Floats dx = inverse_ * (g - normal(column, lanes) * mean_product);
      const int64_t at = begin_ + column;
      if (op_.d_sum != nullptr) dx += load(op_.d_sum, column, lanes);
      lanes.store(dx_row + at, dx);
      if (dy_row != nullptr) lanes.store(dy_row + at, dropout(dx, static_cast<uint64_t>(at)));
    });
  }

 private:
  const AddNormBackward& op_;
  int64_t begin_;
  Floats mean_;
  Floats inverse_;
};

}  // namespace

template <class T>
void dropout(const void* x, int64_t count, const kernels::DropoutMask& mask, void* to) {
  const Dropout drop(mask);
  const T* from = static_cast<const T*>(x);
  T* target = static_cast<T*>(to);
  constexpr int64_t kRow = 4096;
  in_parallel((count + kRow - 1) / kRow, [&](int64_t begin, int64_t end) {
    const int64_t first = begin * kRow, last = std::min(end * kRow, count);
    for_columns(last - first, [&](int64_t i, auto lanes) {
      lanes.store(target + first + i, drop(lanes.load(from + first + i), static_cast<uint64_t>(first + i)));
    });
  });
}

template <class T>
void add_norm(const AddNorm& op) {
  const Dropout drop(op.dropout);
  in_parallel(op.rows, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) norm_row<T>(op, drop, row);
  });
}

template <class T>
void add_norm_backward(const AddNormBackward& op) {
  const Dropout drop(op.dropout);
  in_parallel(op.parts, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; ++part) {
      const int64_t first = op.rows * part / op.parts, last = op.rows * (part + 1) / op.parts;
      for (int64_t index = first; index < last; ++index) {
        const NormRow<T> row(op, index);
        if (op.d_norm != nullptr) row.add_gradients(op.d_norm + part * 2 * op.columns);
        row.run(drop);
      }
    }
  });
}

template void dropout<bf16>(const void* x, int64_t count, const kernels::DropoutMask& mask, void* to);
template void dropout<float>(const void* x, int64_t count, const kernels::DropoutMask& mask, void* to);
template void add_norm<bf16>(const AddNorm& op);
template void add_norm<float>(const AddNorm& op);
template void add_norm_backward<bf16>(const AddNormBackward& op);
template void add_norm_backward<float>(const AddNormBackward& op);

}  // namespace sure::SURE_SIMD
