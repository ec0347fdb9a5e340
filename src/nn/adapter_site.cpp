#include "nn/adapter_site.h"

namespace sure {

void each_projection(const AdapterSites& sites,
                     const std::function<void(const std::string& name, const ProjectionSite& site)>& visit) {
  for (const LayerSites& layer : sites.layers) {
    for (const auto& [name, site] : layer.projections) {
      visit("encoder.layers." + std::to_string(layer.index) + "." + name, site);
    }
  }
  for (const auto& [name, site] : sites.projections) visit(name, site);
}

}  // namespace sure
