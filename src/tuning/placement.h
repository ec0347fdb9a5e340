// Where residual adapters go in each layer: after the feed-forward block (output_adapter), after self-attention's
// output projection (mh_adapter), or both.
#pragma once

#include <functional>
#include <memory>

#include "tuning/method.h"

namespace sure {

/// Makes an adapter for each chosen place; `make` gets the scope "encoder.layers.N.feed_forward.adapter" or
/// "encoder.layers.N.attention.adapter".
void place_after_blocks(const TuningOptions& options, AdapterSites& sites, const Scope& scope,
                        const std::function<std::shared_ptr<ResidualAdapter>(const Scope&)>& make);

}  // namespace sure
