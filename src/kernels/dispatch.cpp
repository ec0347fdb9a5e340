#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "kernels/bf16.h"
#ifdef SURE_AVX512_BF16
#include "kernels/avx512/functions.h"
#endif

namespace sure::kernels {

namespace {

const Bf16Kernels* avx512_kernels() {
#ifdef SURE_AVX512_BF16
  static const Bf16Kernels table = {
      avx512::multiply_bias,      avx512::multiply_gelu,     avx512::multiply_scale,
      avx512::multiply_float,     avx512::pack_pairs,        avx512::dropout,
      avx512::add_norm,           avx512::add_norm_backward, avx512::attention,
      avx512::attention_backward, avx512::depthwise_chain,   avx512::depthwise_chain_backward,
      avx512::first_conv};
  if (__builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")) {
    return &table;
  }
#endif
  return nullptr;
}

struct NamedKernels {
  std::string_view name;
  const Bf16Kernels* (*find)();  // null where the processor lacks them
};

/// The best first.
constexpr std::array<NamedKernels, 2> kAll = {{
    {"avx512_bf16", avx512_kernels},
    {"aten", [] { return static_cast<const Bf16Kernels*>(nullptr); }},
}};

const Bf16Kernels* choose(std::string_view name) {
  if (name.empty()) return kAll.front().find();
  for (const NamedKernels& row : kAll) {
    if (row.name != name) continue;
    if (name != "aten" && row.find() == nullptr) fail_usage("SURE_KERNELS={}: this processor lacks them", name);
    return row.find();
  }
  fail_usage("SURE_KERNELS={}: expected avx512_bf16 or aten", name);
}

const Bf16Kernels*& current() {
  static const Bf16Kernels* kernels = [] {
    const char* name = std::getenv("SURE_KERNELS");
    return choose(name == nullptr ? "" : name);
  }();
  return kernels;
}

}  // namespace

const Bf16Kernels* bf16_kernels() { return current(); }

ScopedKernels::ScopedKernels(const char* name) : before_(std::exchange(current(), choose(name))) {}

ScopedKernels::~ScopedKernels() { current() = before_; }

}  // namespace sure::kernels
