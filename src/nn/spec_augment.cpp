#include "nn/spec_augment.h"

#include <ATen/ops/rand.h>
#include <ATen/ops/randperm.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "core/batch_rows.h"

namespace sure {

namespace {

int64_t number_of_spans(int64_t length, double prob, int64_t span, int64_t min_spans, double rounding) {
  const auto wanted = static_cast<int64_t>(prob * static_cast<double>(length) / static_cast<double>(span) + rounding);
  const int64_t possible_starts = std::max<int64_t>(length - span + 1, 0);
  return std::min({std::max(wanted, min_spans), length / span, possible_starts});
}

}  // namespace

Tensor random_spans(int64_t rows, int64_t size, double prob, int64_t span, int64_t min_spans, const Tensor& lengths) {
  Tensor mask = at::zeros({rows, size}, at::kBool);
  const auto rounding = at::rand({}, at::kDouble).item<double>();  // rounds up with the right probability
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t length = lengths.defined() ? lengths[row].item<int64_t>() : size;
    const int64_t spans = number_of_spans(length, prob, span, min_spans, rounding);
    if (spans <= 0) continue;
    const Tensor starts = at::randperm(length - span + 1, at::kLong).narrow(0, 0, spans);
    for (int64_t offset = 0; offset < span; ++offset) mask[row].index_fill_(0, starts + offset, true);
  }
  return mask;
}

Tensor random_spans_here(int64_t rows, int64_t size, double prob, int64_t span, int64_t min_spans,
                         const Tensor& lengths) {
  const BatchRows& here = rows_here();
  if (here.here == 0) return random_spans(rows, size, prob, span, min_spans, lengths);
  const Tensor all = random_spans(here.lengths.size(0), size, prob, span, min_spans, lengths);
  return all.narrow(0, here.first, here.here);
}

}  // namespace sure
