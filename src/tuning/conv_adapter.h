// ConvAdapter (Li et al. 2023), on x [B, T, D]: layer norm -> grouped convolutions over time D -> D / 2 -> D / 2 -> D
// -> squeeze-and-excitation (Hu et al. 2018) -> + x.
#pragma once

#include "tuning/method.h"

namespace sure {

void apply_conv_adapter(const TuningOptions& options, TuningTarget& target);

/// The same adapter inside each front-end layer (feat_enc_adapter), whatever the method is.
void apply_front_end_adapters(const TuningOptions& options, TuningTarget& target);

}  // namespace sure
