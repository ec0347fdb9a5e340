// Which kernels compute, chosen at run time by what the processor has.
#pragma once

#include <string>
#include <vector>

#include "kernels/kernels.h"

namespace sure::kernels {

enum class Element { kBf16, kFloat };

/// The best kernels that this processor can run, null where there are none: then libtorch computes. The environment
/// variable SURE_KERNELS names others: "amx_bf16", "avx512_bf16", "avx512", "avx2" or "aten" (none). Throws a usage
/// Error for kernels that the processor lacks.
const Kernels* find_kernels(Element element);

/// Whether they have quantised products, and the processor their instructions (AVX512_VNNI).
bool has_quantised_products(Element element);

/// The name of the kernels that find_kernels finds.
std::string chosen_kernels();

/// The names that this processor can run, the best first; the last is "aten".
std::vector<std::string> runnable_kernels();

/// For tests: the kernels of that name while it lives.
class ScopedKernels {
 public:
  explicit ScopedKernels(const std::string& name);
  ~ScopedKernels();
  ScopedKernels(const ScopedKernels&) = delete;
  ScopedKernels& operator=(const ScopedKernels&) = delete;

 private:
  std::string before_;
};

}  // namespace sure::kernels
