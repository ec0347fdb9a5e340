// Random spans for SpecAugment (Park et al. 2019), drawn as transformers' _compute_mask_indices does.
#pragma once

#include "core/tensor.h"

namespace sure {

/// bool [rows, size], true inside spans. Per row about prob * length / span spans of `span` positions start at distinct
/// places; `lengths` (int64 [rows], may be undefined) shortens rows. Draws from torch's default CPU generator.
Tensor random_spans(int64_t rows, int64_t size, double prob, int64_t span, int64_t min_spans, const Tensor& lengths);

/// The same for the rows here, as they have them among all rows (see BatchRows), whose lengths these are.
Tensor random_spans_here(int64_t rows, int64_t size, double prob, int64_t span, int64_t min_spans,
                         const Tensor& lengths);

}  // namespace sure
