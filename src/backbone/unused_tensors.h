// What of a checkpoint's encoder a backbone leaves out.
#pragma once

#include <string>

#include "backbone/backbone.h"

namespace sure {

/// A note for the user that counts and names the tensors in the folder `model` of parts which the backbone has
/// ("encoder", "feature_extractor"), but which are none of its own: config.json may be another model's. A head and what
/// only pre-training needs are no such tensors. Empty: none.
std::string describe_unused(const Backbone& backbone, const std::string& model);

}  // namespace sure
