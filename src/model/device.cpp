#include "model/device.h"

#include <ATen/Context.h>
#include <torch/cuda.h>

#include "core/error.h"

namespace sure {

namespace {

/// Convolutions too are computed in the type that they are given: by default cuDNN would round fp32 to 11 bits.
at::Device cuda() {
  at::globalContext().setAllowTF32CuDNN(false);
  return at::kCUDA;
}

}  // namespace

at::Device find_device(const std::string& name) {
  if (name == "cpu") return at::kCPU;
  if (name == "auto") return torch::cuda::is_available() ? cuda() : at::kCPU;
  if (name != "cuda") fail_usage("--device {}: use cpu, cuda or auto", name);
  if (!torch::cuda::is_available()) fail_usage("--device cuda: torch finds no CUDA device; use --device cpu");
  return cuda();
}

}  // namespace sure
