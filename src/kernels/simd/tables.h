// The tables of kernels that this folder compiles to, once for each kind of processor.
#pragma once

#include "kernels/kernels.h"

namespace sure::amx {
extern const kernels::Kernels kBf16Kernels;  // needs AMX_BF16, with the system's permission, and AVX512_BF16
extern const kernels::Kernels kFloatKernels;
}  // namespace sure::amx

namespace sure::avx512 {
extern const kernels::Kernels kBf16Kernels;  // needs AVX512_BF16
extern const kernels::Kernels kFloatKernels;
}  // namespace sure::avx512

namespace sure::avx2 {
extern const kernels::Kernels kBf16Kernels;
extern const kernels::Kernels kFloatKernels;
}  // namespace sure::avx2
