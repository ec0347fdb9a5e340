// The pickle inside pytorch_model.bin. Only the opcodes and the five names that torch.save needs for a dictionary of
// tensors exist here; nothing a pickle says is ever looked up or called.
// Format: https://github.com/python/cpython/blob/main/Lib/pickletools.py, protocol 2.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <string_view>

#include "nn/parameters.h"

namespace sure {

/// The storage of this key; it must have `nbytes` and be aligned for every dtype.
using StorageSource = std::function<at::Storage(const std::string& key, int64_t nbytes)>;

/// The tensors of a state dict, sharing storages as they did when saved. Throws Error, starting with `origin` (the
/// file), for any other object, a name outside the list, a view past its storage, and a stream that is damaged.
/// `entry`: where the dictionary has a dictionary of this name, that one's.
ParameterList read_state_dict_pickle(std::string_view pickle, const std::string& origin, const StorageSource& storage,
                                     const std::string& entry = "");

}  // namespace sure
