// Whether a clip's frames depend on how far its batch pads it.
#pragma once

#include "backbone/config.h"

namespace sure {

/// Whether they do, with an attention mask, unless the padding is exact: a group norm counts the padding in, and
/// positions made by several convolutions, or behind a batch norm, hear what the first of them makes of it.
bool sees_padding(const BackboneConfig& config);

}  // namespace sure
