#include "core/batch_rows.h"

#include <ATen/ops/dropout.h>
#include <ATen/ops/empty.h>

#include <utility>

namespace sure {

namespace {

thread_local BatchRows rows;

}  // namespace

const BatchRows& rows_here() { return rows; }

DrawnForRows::DrawnForRows(BatchRows these) : outside_(std::exchange(rows, std::move(these))) {}

DrawnForRows::~DrawnForRows() { rows = std::move(outside_); }

at::Tensor dropout_of_rows(const at::Tensor& x, double rate, bool training) {
  if (rows.here == 0 || !training || rate <= 0) return at::dropout(x, rate, training);
  std::vector<int64_t> all = x.sizes().vec();
  all.front() = rows.lengths.size(0);
  const at::Tensor kept = at::empty(all, x.options()).bernoulli_(1 - rate).div_(1 - rate);  // as at::dropout draws it
  return x * kept.narrow(0, rows.first, rows.here);
}

}  // namespace sure
