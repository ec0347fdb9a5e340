#include "backbone/padding.h"

#include "backbone/backbone.h"

namespace sure {

bool sees_padding(const BackboneConfig& config) {
  return config.feat_extract_norm == "group" || config.conv_pos_batch_norm || kind_of(config).positions_hear_padding;
}

}  // namespace sure
