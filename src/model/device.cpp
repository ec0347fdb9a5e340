#include "model/device.h"

#include <ATen/Context.h>
#include <torch/cuda.h>

#include "core/error.h"
#include "core/world.h"

namespace sure {

namespace {

/// Each process on a machine has a GPU of its own.
at::Device own_gpu() {
  const WorldAddress address = world_address();
  if (address.size == 1) return at::kCUDA;
  const auto gpus = static_cast<int64_t>(torch::cuda::device_count());
  if (address.local_rank >= gpus) {
    fail_usage("LOCAL_RANK is {}, but torch finds {} CUDA devices here: start as many processes, or give --device cpu",
               address.local_rank, gpus);
  }
  return {at::kCUDA, static_cast<c10::DeviceIndex>(address.local_rank)};
}

}  // namespace

at::Device find_device(const std::string& name) {
  if (name == "cpu") return at::kCPU;
  if (name == "auto") return torch::cuda::is_available() ? own_gpu() : at::Device(at::kCPU);
  if (name != "cuda") fail_usage("--device {}: use cpu, cuda or auto", name);
  if (!torch::cuda::is_available()) fail_usage("--device cuda: torch finds no CUDA device; use --device cpu");
  return own_gpu();
}

void compute_in_full_precision() { at::globalContext().setAllowTF32CuDNN(false); }

}  // namespace sure
