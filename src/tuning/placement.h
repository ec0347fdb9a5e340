// Where residual adapters go in each layer: after the feed-forward block (output_adapter), after self-attention's
// output projection (mh_adapter), or both.
#pragma once

#include <functional>
#include <memory>

#include "tuning/method.h"

namespace sure {

/// An adapter for [B, T, size] with parameters of that scope, "encoder.layers.N.feed_forward.adapter" or
/// "encoder.layers.N.attention.adapter".
using MakeResidualAdapter = std::function<std::shared_ptr<ResidualAdapter>(const Scope& scope, int64_t size)>;

/// Makes one for each chosen place.
void place_after_blocks(const TuningOptions& options, TuningTarget& target, const MakeResidualAdapter& make);

}  // namespace sure
