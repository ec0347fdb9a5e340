// torch has had two ways to name the tensors of a weight norm (Salimans and Kingma 2016).
#pragma once

#include <string>

namespace sure {

/// "conv.parametrizations.weight.original0" and "…1" of torch.nn.utils.parametrizations.weight_norm become
/// "conv.weight_g" and "conv.weight_v" of torch.nn.utils.weight_norm; other names stay as they are.
std::string with_older_weight_norm(std::string name);

}  // namespace sure
