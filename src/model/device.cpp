#include "model/device.h"

#include <ATen/Context.h>
#include <torch/cuda.h>

#include "core/error.h"

namespace sure {

at::Device find_device(const std::string& name) {
  if (name == "cpu") return at::kCPU;
  if (name == "auto") return torch::cuda::is_available() ? at::kCUDA : at::kCPU;
  if (name != "cuda") fail_usage("--device {}: use cpu, cuda or auto", name);
  if (!torch::cuda::is_available()) fail_usage("--device cuda: torch finds no CUDA device; use --device cpu");
  return at::kCUDA;
}

void compute_in_full_precision() { at::globalContext().setAllowTF32CuDNN(false); }

}  // namespace sure
