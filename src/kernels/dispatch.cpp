#include "kernels/dispatch.h"

#include <fmt/ranges.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "core/error.h"
#ifdef SURE_SIMD_KERNELS
#include "kernels/simd/tables.h"
#endif

namespace sure::kernels {

namespace {

/// The kernels of one name; null where libtorch computes.
struct Choice {
  std::string_view name;
  bool (*runs_here)();
  const Kernels* bf16;
  const Kernels* fp32;

  const Kernels* of(Element element) const { return element == Element::kBf16 ? bf16 : fp32; }
};

#ifdef SURE_SIMD_KERNELS
bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq");
}

bool has_avx512_bf16() { return has_avx512() && __builtin_cpu_supports("avx512bf16"); }

/// Linux lets a process use the tiles' registers once it has asked (Documentation/arch/x86/xstate.rst).
bool may_use_tiles() {
  constexpr int kRequestPermission = 0x1023, kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

bool has_amx_bf16() {
  static const bool has = has_avx512_bf16() && __builtin_cpu_supports("amx-bf16") && may_use_tiles();
  return has;
}
#endif

/// The best first.
const std::array kChoices = {
#ifdef SURE_SIMD_KERNELS
    Choice{"amx_bf16", has_amx_bf16, &amx::kBf16Kernels, &amx::kFloatKernels},
    Choice{"avx512_bf16", has_avx512_bf16, &avx512::kBf16Kernels, &avx512::kFloatKernels},
    Choice{"avx512", has_avx512, &avx2::kBf16Kernels, &avx512::kFloatKernels},
    Choice{"avx2", has_avx2, &avx2::kBf16Kernels, &avx2::kFloatKernels},
#endif
    Choice{"aten", [] { return true; }, nullptr, nullptr},
};

const Choice& best_choice() {
  return *std::find_if(kChoices.begin(), kChoices.end(), [](const Choice& choice) { return choice.runs_here(); });
}

const Choice& choose(std::string_view name) {
  if (name.empty()) return best_choice();
  std::vector<std::string_view> names;
  for (const Choice& choice : kChoices) {
    names.push_back(choice.name);
    if (choice.name != name) continue;
    if (!choice.runs_here()) fail_usage("SURE_KERNELS={}: this processor lacks them", name);
    return choice;
  }
  fail_usage("SURE_KERNELS={}: use one of {}", name, fmt::join(names, ", "));
}

const Choice*& current() {
  static const Choice* choice = [] {
    const char* name = std::getenv("SURE_KERNELS");
    return &choose(name == nullptr ? "" : name);
  }();
  return choice;
}

}  // namespace

const Kernels* find_kernels(Element element) { return current()->of(element); }

bool has_quantised_products(Element element) {
#ifdef SURE_SIMD_KERNELS
  const Kernels* found = find_kernels(element);
  return found != nullptr && found->quantise_rows != nullptr && __builtin_cpu_supports("avx512vnni");
#else
  return false;
#endif
}

std::string chosen_kernels() { return std::string(current()->name); }

std::vector<std::string> runnable_kernels() {
  std::vector<std::string> names;
  for (const Choice& choice : kChoices) {
    if (choice.runs_here()) names.emplace_back(choice.name);
  }
  return names;
}

ScopedKernels::ScopedKernels(const std::string& name) : before_(std::exchange(current(), &choose(name))->name) {}

ScopedKernels::~ScopedKernels() { current() = &choose(before_); }

}  // namespace sure::kernels
