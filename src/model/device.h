// Where a model computes.
#pragma once

#include <c10/core/Device.h>

#include <string>

namespace sure {

/// "cpu", "cuda", or "auto": cuda when torch has it. Throws a usage Error for another name and for CUDA without a
/// device.
at::Device find_device(const std::string& name);

}  // namespace sure
