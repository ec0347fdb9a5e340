#!/usr/bin/env python3
"""Times sure against transformers + PEFT, on this machine and in one run: make bench, or with flags
make bench ARGS="--sizes base,large --methods lora,finetune --lengths fixed,real --parts train".

Training steps: the same random weights on both sides, taking turns step by step (bench/training.py). Inference: sure
predict and transformers' pipeline on real clips (bench/inference.py). Prints Markdown tables with medians, ratios, peak
memory and the share of what a matrix product reaches here; everything goes to .cache/bench/result.json.
"""

import argparse
import json
import os
import platform
import sys
import time
from pathlib import Path

import inference
import training
from cases import CACHE, ROOT, SIZES

GEMM_SIZE = 2048
GEMM_REPEATS = 10
LENGTHS = ["fixed", "real"]
PARTS = ["train", "predict"]
METHODS = ["lora", "conv_adapter", "bottleneck", "prefix", "finetune"]

TRAIN_NOTE = """ratio: of this side's time to that of the case's first row. Share of the GEMM peak: of what torch.mm
reaches here in the same arithmetic, for the arithmetic that a step needs at least (bench/cases.py). fixed: 8 clips of
2.5 s. real: LibriSpeech's, three batches of up to 32 padded seconds with an attention mask; s/step is their mean. The
peer at its strongest: front-end without gradients, no dropout, torch.compile for each shape, malloc that keeps its
memory; so the row of sure without dropout is the one to hold against it."""
PREDICT_NOTE = """Start: from the start of the process to the first answer. Real-time factor: seconds for a second of
audio in the clips after that. ratio: of this side's real-time factor to that of the first row. The clips are
LibriSpeech's, about a minute."""


def cpu_info() -> str:
    file = Path("/proc/cpuinfo")
    return file.read_text() if file.is_file() else ""


def fast_dtype() -> str:
    """bf16 but where the processor has no AVX-512: oneDNN's convolutions then take minutes a step."""
    if "avx512bw" in cpu_info() or "asimd" in cpu_info():
        return "bf16"
    print("bench: no bf16 on this processor (no AVX-512; oneDNN falls back to reference code)", file=sys.stderr)
    return "fp32"


def warn_of_company() -> None:
    """Threads that wait for each other lose far more than their share to other programs: tenfold has been seen."""
    load = os.getloadavg()[0]
    if load > 0.5:
        print(f"bench: load average {load:.1f}: something else is running, times will not hold", file=sys.stderr)


def gemm_peak(dtype: str) -> float:
    """GFLOP/s of torch.mm, the best of several."""
    import torch

    a, b = torch.randn(2, GEMM_SIZE, GEMM_SIZE, dtype=torch.bfloat16 if dtype == "bf16" else torch.float32)
    best = float("inf")
    for _ in range(GEMM_REPEATS):
        start = time.perf_counter()
        torch.mm(a, b)
        best = min(best, time.perf_counter() - start)
    return 2 * GEMM_SIZE**3 / best / 1e9


def machine() -> dict:
    import peft
    import torch
    import transformers

    names = [line for line in cpu_info().splitlines() if line.startswith("model name")]
    return {
        "processor": names[0].partition(":")[2].strip() if names else platform.machine(),
        "instructions": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "peft": peft.__version__,
    }


def number(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def train_table(rows: list[dict], peaks: dict[str, float]) -> str:
    lines = ["| case | side | s/step | ratio | peak GiB | share of GEMM peak |", "|---|---|--:|--:|--:|--:|"]
    for row in rows:
        start = f"| {row['size']}, {row['method']}, {row['lengths']} | {row['side']} |"
        if row["failure"]:
            lines.append(f"{start} failed: {row['failure']} | – | – | – |")
            continue
        share = "–" if row["gflops"] is None else f"{100 * row['gflops'] / peaks[row['dtype']]:.0f} %"
        lines.append(f"{start} {row['seconds']:.2f} | {number(row['ratio'])} | {row['peak_gib']:.2f} | {share} |")
    return "\n".join(lines)


def predict_table(rows: list[dict]) -> str:
    lines = ["| case | side | start, s | real-time factor | ratio | peak GiB |", "|---|---|--:|--:|--:|--:|"]
    for row in rows:
        lines.append(
            f"| {row['size']} | {row['side']} | {row['start_seconds']:.2f} | {row['real_time_factor']:.3f} "
            f"| {row['ratio']:.2f} | {row['peak_gib']:.2f} |"
        )
    return "\n".join(lines)


def check_trained(rows: list[dict]) -> bool:
    """Whether both sides of each case train as many parameters; says where not."""
    counts: dict[tuple, set[int]] = {}
    for row in rows:
        if row["trained"]:
            counts.setdefault((row["size"], row["method"]), set()).add(row["trained"])
    unequal = {case: found for case, found in counts.items() if len(found) > 1}
    for (size, method), found in unequal.items():
        print(f"bench: {size}, {method}: the sides train different numbers of parameters: {found}", file=sys.stderr)
    return not unequal


def train_cases(args: argparse.Namespace) -> list[tuple[str, str, str]]:
    """(size, method, lengths). Without --lengths, all methods on fixed ones, and real ones once."""
    return [
        (size, method, lengths)
        for lengths in args.lengths or LENGTHS
        for size in args.sizes
        for method in (args.methods if args.lengths or lengths == "fixed" else args.methods[:1])
    ]


def choices(*allowed: str):
    """Argparse's type of a list with commas."""

    def parse(text: str) -> list[str]:
        chosen = text.split(",")
        for name in chosen:
            if name not in allowed:
                raise argparse.ArgumentTypeError(f"'{name}': use some of {','.join(allowed)}")
        return chosen

    return parse


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", type=choices(*PARTS), default=PARTS, help="train,predict; default: both")
    parser.add_argument("--sizes", type=choices(*SIZES), default=["base"], help="base,large; default: base")
    parser.add_argument("--methods", type=choices(*METHODS), default=METHODS[:2], help="default: lora,conv_adapter")
    parser.add_argument(
        "--lengths", type=choices(*LENGTHS), help="fixed,real; default: fixed, and real with the first method"
    )
    parser.add_argument("--steps", type=int, default=3, help="timed steps of each side and batch of equal clips")
    parser.add_argument("--program", type=Path, default=ROOT / "build" / "bench" / "bench_train_step")
    parser.add_argument("--sure", type=Path, default=ROOT / "build" / "sure")
    parser.add_argument("--output", type=Path, default=CACHE / "result.json")
    return parser.parse_args()


def main() -> None:
    args = parse_arguments()
    CACHE.mkdir(parents=True, exist_ok=True)
    fast = fast_dtype()
    warn_of_company()
    dtypes = sorted({"fp32", fast})
    before = {dtype: gemm_peak(dtype) for dtype in dtypes}
    result = {"machine": machine()}
    if "train" in args.parts:
        result["train"] = []
        for size, method, lengths in train_cases(args):
            result["train"] += training.compare(size, method, lengths, fast, args.steps, args.program)
    if "predict" in args.parts:
        rounds = min(args.steps, inference.ROUNDS)
        result["predict"] = [row for size in args.sizes for row in inference.compare(size, fast, rounds, args.sure)]
    result["gemm_gflops"] = {dtype: max(before[dtype], gemm_peak(dtype)) for dtype in dtypes}
    args.output.parent.mkdir(parents=True, exist_ok=True)
    args.output.write_text(json.dumps(result, indent=2) + "\n")

    peaks = result["gemm_gflops"]
    reached = ", ".join(f"{dtype} {peak:.0f} GFLOP/s" for dtype, peak in peaks.items())
    here = result["machine"]
    print(f"{here['processor']}, {here['threads']} threads; torch.mm of {GEMM_SIZE}³: {reached}")
    if result.get("train"):
        print(f"\n{train_table(result['train'], peaks)}\n\n{TRAIN_NOTE}")
    if result.get("predict"):
        print(f"\n{predict_table(result['predict'])}\n\n{PREDICT_NOTE}")
    print(f"\nall times: {args.output}")
    if not check_trained(result.get("train", [])):
        sys.exit(1)


if __name__ == "__main__":
    main()
