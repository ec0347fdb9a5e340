#include "train/agreement.h"

#include "core/error.h"
#include "core/json_text.h"
#include "core/options.h"
#include "train/checkpoint.h"

namespace sure {

using Json = nlohmann::ordered_json;

Json shared_options(const RunConfig& config) {
  Json options;
  const Json all = options_to_json(config);
  for (const auto& item : all.items()) options["--" + item.key()] = item.value();
  for (const char* folder : {"--data_dir", "--model", "--cache_dir", "--vocab", "--lexicon"}) options.erase(folder);
  return options;
}

Json data_digests(const Dataset& data) {
  return {{"training clips", digest(data.train)},
          {"validation clips", digest(data.valid)},
          {"test clips", digest(data.test)}};
}

void require_agreement(World& world, const Json& mine) {
  if (world.size() == 1) return;
  const std::vector<std::string> all = world.all_gather(json_line(mine));
  const Json first = Json::parse(all.front());
  for (size_t rank = 1; rank < all.size(); ++rank) {
    const Json other = Json::parse(all[rank]);
    for (const auto& item : first.items()) {
      if (other.contains(item.key()) && other.at(item.key()) == item.value()) continue;
      if (!world.leads()) throw OtherRankFailed();
      fail_usage("the processes of this run differ in {}: {} for rank 0, {} for rank {}; start all by one command",
                 item.key(), json_line(item.value()), json_line(other.value(item.key(), Json())), rank);
    }
  }
}

}  // namespace sure
