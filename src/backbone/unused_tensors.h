// What of a checkpoint's encoder a backbone leaves out.
#pragma once

#include <string>

#include "backbone/backbone.h"

namespace sure {

/// A note for the user that counts and names LoadedBackbone::unused_of_encoder of the folder `model`. Empty: none.
std::string describe_unused(const LoadedBackbone& loaded, const std::string& model);

}  // namespace sure
