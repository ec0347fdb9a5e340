#include "backbone/padding.h"

#include "backbone/backbone.h"
#include "backbone/data2vec.h"

namespace sure {

bool sees_padding(const BackboneConfig& config) {
  const bool positions_do = config.conv_pos_batch_norm || kind_of(config).build == &build_data2vec;
  return positions_do || config.feat_extract_norm == "group";
}

}  // namespace sure
