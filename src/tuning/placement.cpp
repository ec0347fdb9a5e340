#include "tuning/placement.h"

namespace sure {

void place_after_blocks(const TuningOptions& options, AdapterSites& sites, const Scope& scope,
                        const std::function<std::shared_ptr<ResidualAdapter>(const Scope&)>& make) {
  for (size_t i = 0; i < sites.layers.size(); ++i) {
    const Scope layer = scope / "encoder" / "layers" / static_cast<int64_t>(i);
    if (options.mh_adapter) *sites.layers[i].after_attention = make(layer / "attention" / "adapter");
    if (options.output_adapter) *sites.layers[i].after_feed_forward = make(layer / "feed_forward" / "adapter");
  }
}

}  // namespace sure
