"""The machine that is measured on: what it is, which arithmetic suits it, what a matrix product reaches."""

import os
import platform
import sys
import time
from pathlib import Path

GEMM_SIZE = {"cpu": 2048, "cuda": 8192}
GEMM_REPEATS = 10


def cpu_info() -> str:
    file = Path("/proc/cpuinfo")
    return file.read_text() if file.is_file() else ""


def fast_dtype(device: str) -> str:
    """bf16 but where the processor has no AVX-512: oneDNN's convolutions then take minutes a step."""
    if device == "cuda" or "avx512bw" in cpu_info() or "asimd" in cpu_info():
        return "bf16"
    print("bench: no bf16 on this processor (no AVX-512; oneDNN falls back to reference code)", file=sys.stderr)
    return "fp32"


def has_int8() -> bool:
    """Whether sure multiplies 8-bit numbers beside bf16 here."""
    info = cpu_info()
    return "avx512_vnni" in info and "avx512_bf16" in info and "amx_bf16" not in info


def warn_of_company() -> None:
    """Threads that wait for each other lose far more than their share to other programs: tenfold has been seen."""
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"bench: load average {load:.1f}: something else is running, times will not hold", file=sys.stderr)


def gemm_peaks(dtypes: list[str], device: str) -> dict[str, float]:
    """GFLOP/s of torch.mm in each, the best of several."""
    return {dtype: gemm_peak(dtype, device) for dtype in dtypes}


def gemm_peak(dtype: str, device: str) -> float:
    import torch

    size = GEMM_SIZE[device]
    a, b = torch.randn(2, size, size, dtype=torch.bfloat16 if dtype == "bf16" else torch.float32, device=device)
    best = float("inf")
    for _ in range(GEMM_REPEATS):
        start = time.perf_counter()
        torch.mm(a, b)
        if device == "cuda":
            torch.cuda.synchronize()
        best = min(best, time.perf_counter() - start)
    return 2 * size**3 / best / 1e9


def processor(device: str) -> str:
    import torch

    if device == "cuda":
        return torch.cuda.get_device_name()
    names = [line for line in cpu_info().splitlines() if line.startswith("model name")]
    name = names[0].partition(":")[2].strip() if names else platform.machine()
    return f"{name}, {torch.get_num_threads()} threads"


def describe(device: str) -> dict:
    import peft
    import torch
    import transformers

    return {
        "processor": processor(device),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "peft": peft.__version__,
    }
