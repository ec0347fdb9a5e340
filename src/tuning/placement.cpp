#include "tuning/placement.h"

namespace sure {

void place_after_blocks(const TuningOptions& options, TuningTarget& target, const MakeResidualAdapter& make) {
  for (const Site& site : target.sites) {
    const bool chosen = (site.kind == SiteKind::kAfterAttention && options.mh_adapter) ||
                        (site.kind == SiteKind::kAfterFeedForward && options.output_adapter);
    if (chosen) target.adapters.put(site, make(target.scope / site.name, site.out));
  }
}

}  // namespace sure
