#include "fused/memory.h"

#include <ATen/CPUGeneratorImpl.h>

#include <mutex>

#include "core/batch_rows.h"

namespace sure::fused {

namespace {

using kernels::Element;

const kernels::Kernels* find_kernels(at::ScalarType type) {
  if (type == at::kBFloat16) return kernels::find_kernels(Element::kBf16);
  return type == at::kFloat ? kernels::find_kernels(Element::kFloat) : nullptr;
}

}  // namespace

bool can_fuse(at::ScalarType type, at::Device device) { return device.is_cpu() && find_kernels(type) != nullptr; }

bool can_quantise(at::ScalarType type, at::Device device) {
  return can_fuse(type, device) &&
         kernels::has_quantised_products(type == at::kBFloat16 ? Element::kBf16 : Element::kFloat);
}

const kernels::Kernels& kernels_for(at::ScalarType type) { return *find_kernels(type); }

kernels::DropoutMask draw_dropout(double rate, bool training, int64_t elements) {
  if (!training || rate <= 0) return {};
  at::Generator generator = at::detail::getDefaultCPUGenerator();
  const std::scoped_lock lock(generator.mutex());
  const BatchRows& rows = rows_here();
  const int64_t first = rows.here > 0 ? elements / rows.here * rows.first : 0;
  return {static_cast<float>(rate), at::check_generator<at::CPUGeneratorImpl>(generator)->random(),
          static_cast<uint32_t>(first)};
}

}  // namespace sure::fused
