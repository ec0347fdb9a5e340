// What is drawn for a row of a batch is a function of its place in the batch, also where several processes share it.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace sure {

/// Some rows, one after another, of a batch that several processes share.
struct BatchRows {
  int64_t first = 0;
  int64_t here = 0;    // 0: the batch is not shared
  at::Tensor lengths;  // int64 [rows of all processes], valid samples; undefined where the batch is not shared
};

/// Those that this thread computes.
const BatchRows& rows_here();

/// In its lifetime, what this thread draws is drawn for these rows.
class DrawnForRows {
 public:
  explicit DrawnForRows(BatchRows rows);
  ~DrawnForRows();
  DrawnForRows(const DrawnForRows&) = delete;
  DrawnForRows& operator=(const DrawnForRows&) = delete;

 private:
  BatchRows outside_;
};

/// at::dropout of x, [rows here, ...], as all rows together would have it.
at::Tensor dropout_of_rows(const at::Tensor& x, double rate, bool training);

}  // namespace sure
