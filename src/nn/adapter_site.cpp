#include "nn/adapter_site.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <tuple>

namespace sure {

void sort_sites(SiteList& sites) {
  const auto place = [](const Site& site) {
    return site.layer ? std::tuple(*site.layer, site.name)
                      : std::tuple(std::numeric_limits<int64_t>::max(), std::string());
  };
  std::stable_sort(sites.begin(), sites.end(), [&](const Site& a, const Site& b) { return place(a) < place(b); });
}

SiteList sites_of(const SiteList& sites, SiteKind kind) {
  SiteList found;
  std::copy_if(sites.begin(), sites.end(), std::back_inserter(found),
               [&](const Site& site) { return site.kind == kind; });
  return found;
}

int64_t layer_count(const SiteList& sites) {
  int64_t count = 0;
  for (const Site& site : sites) count = std::max(count, site.layer.value_or(-1) + 1);
  return count;
}

}  // namespace sure
