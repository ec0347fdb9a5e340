#include "formats/finite.h"

#include <ATen/ops/dot.h>

#include "core/error.h"

namespace sure {

namespace {

/// Trained weights stay below thousands. The sums of squares in norms overflow from here on, and 1 / infinity would be
/// taken for an answer.
constexpr float kLargest = 1e15F;

}  // namespace

/// The sum of squares is one quick pass, and not finite where a number is not; very large ones make it so too.
std::optional<std::string> fault_of(const Tensor& tensor) {
  if (!tensor.is_floating_point() || tensor.numel() == 0) return {};
  const Tensor values = tensor.detach().to(at::kFloat).flatten();
  if (at::dot(values, values).item<float>() <= kLargest * kLargest) return {};
  if (!values.isfinite().all().item<bool>()) return "NaN or infinite values";
  const float largest = values.abs().max().item<float>();
  if (largest <= kLargest) return {};
  return fmt::format("{:g}, too large to compute with in fp32", largest);
}

void fail_damaged(const std::string& tensor, const std::string& fault, const std::filesystem::path& file) {
  fail("{}: tensor '{}' holds {}: the file is damaged, or its training diverged; get it again", file.string(), tensor,
       fault);
}

void check_finite(const ParameterList& tensors, const std::filesystem::path& file) {
  for (const NamedTensor& tensor : tensors) {
    if (const auto fault = fault_of(tensor.value)) fail_damaged(tensor.name, *fault, file);
  }
}

}  // namespace sure
