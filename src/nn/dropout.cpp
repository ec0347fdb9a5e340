#include "nn/dropout.h"

#include <ATen/ops/dropout.h>

#include "fused/memory.h"
#include "fused/residual.h"

namespace sure {

Tensor drop_out(const Tensor& x, double rate, bool training) {
  return fused::can_fuse(x) ? fused::dropout(x, rate, training) : at::dropout(x, rate, training);
}

}  // namespace sure
