#include "tuning/placement.h"

namespace sure {

void place_after_blocks(const TuningOptions& options, AdapterSites& sites, const Scope& scope,
                        const std::function<std::shared_ptr<ResidualAdapter>(const Scope&)>& make) {
  for (LayerSites& layer : sites.layers) {
    const Scope place = scope / "encoder" / "layers" / layer.index;
    if (options.mh_adapter) *layer.after_attention = make(place / "attention" / "adapter");
    if (options.output_adapter) *layer.after_feed_forward = make(place / "feed_forward" / "adapter");
  }
}

}  // namespace sure
