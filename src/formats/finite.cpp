#include "formats/finite.h"

#include "core/error.h"

namespace sure {

/// The sum is one quick pass, and not finite where a number is not; finite numbers may make it so too.
bool is_finite(const Tensor& tensor) {
  if (!tensor.is_floating_point()) return true;
  const Tensor value = tensor.scalar_type() == at::kDouble ? tensor.to(at::kFloat) : tensor;
  return value.sum(at::kFloat).isfinite().item<bool>() || value.to(at::kFloat).isfinite().all().item<bool>();
}

void fail_not_finite(const std::string& tensor, const std::filesystem::path& file) {
  fail("{}: tensor '{}' holds NaN or infinite values: the file is damaged, or its training diverged; get it again",
       file.string(), tensor);
}

void check_finite(const ParameterList& tensors, const std::filesystem::path& file) {
  for (const NamedTensor& tensor : tensors) {
    if (!is_finite(tensor.value)) fail_not_finite(tensor.name, file);
  }
}

}  // namespace sure
