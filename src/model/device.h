// Where a model computes, and what that takes.
#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <string>

namespace sure {

/// "cpu", "cuda", or "auto": cuda when torch has it. Of several processes each has the GPU of its LOCAL_RANK. Throws a
/// usage Error for another name and for CUDA without a device.
at::Device find_device(const std::string& name);

/// For a program to call once, as its answer for the whole process: cuDNN's convolutions on a GPU are computed in the
/// type that they are given. By default they would round fp32 to 11 bits.
void compute_in_full_precision();

/// The highest so far, bytes: of a GPU, in this process's tensors on it; of the CPU, resident in this process.
int64_t peak_memory_bytes(at::Device device);

}  // namespace sure
