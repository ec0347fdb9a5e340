#include "fused/memory.h"

#include <ATen/CPUGeneratorImpl.h>

#include <mutex>

namespace sure::fused {

bool can_fuse(const Tensor& x) {
  return x.scalar_type() == at::kBFloat16 && x.is_cpu() && kernels::bf16_kernels() != nullptr;
}

kernels::DropoutMask draw_dropout(double rate, bool training) {
  if (!training || rate <= 0) return {};
  at::Generator generator = at::detail::getDefaultCPUGenerator();
  const std::scoped_lock lock(generator.mutex());
  return {static_cast<float>(rate), at::check_generator<at::CPUGeneratorImpl>(generator)->random()};
}

}  // namespace sure::fused
