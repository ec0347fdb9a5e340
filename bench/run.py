#!/usr/bin/env python3
"""Measures sure on this machine, beside transformers + PEFT where they can do the same: make bench, or with flags
make bench ARGS="--sizes base,large --methods lora,finetune --lengths fixed,real --parts train".

Prints Markdown tables; everything goes to .cache/bench/result.json. The parts (without --parts: train and predict):
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import curves
import encoders
import inference
import machine
import scaling
import seeds
import training
import versions
import waiting
import world
from cases import CACHE, ROOT, SIZES
from processes import apart

METHODS = ["lora", "conv_adapter", "bottleneck", "prefix", "finetune"]


@dataclass
class Part:
    """A module's docstring, its measurement (rows by the flags), their report (by GFLOP/s of the GEMM in each
    arithmetic), and what in them must not be."""

    help: str
    measure: Callable[[argparse.Namespace], list[dict]]
    report: Callable[[list[dict], dict[str, float]], str]
    faults: Callable[[list[dict]], list[str]] = lambda rows: []


PARTS = {
    "train": Part(training.__doc__, training.measure, training.report, training.faults),
    "predict": Part(inference.__doc__, inference.measure, inference.report, inference.faults),
    "curves": Part(curves.__doc__, curves.measure, curves.report, curves.faults),
    "seeds": Part(seeds.__doc__, seeds.measure, seeds.report, seeds.faults),
    "scaling": Part(scaling.__doc__, scaling.measure, scaling.report),
    "world": Part(world.__doc__, world.measure, world.report, world.faults),
    "encoders": Part(encoders.__doc__, encoders.measure, encoders.report, encoders.faults),
    "versions": Part(versions.__doc__, versions.measure, versions.report, versions.faults),
    "data": Part(waiting.__doc__, waiting.measure, waiting.report, waiting.faults),
}


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
    parts = "\n".join(f"  {name:<10}{part.help.splitlines()[0]}" for name, part in PARTS.items())
    parser = argparse.ArgumentParser(
        description=__doc__ + parts, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", type=choices(*PARTS), default=["train", "predict"], help="some of them, with commas")
    parser.add_argument("--sizes", type=choices(*SIZES), default=["base"], help="small,base,large; default: base")
    parser.add_argument("--methods", type=choices(*METHODS), default=METHODS[:2], help="default: lora,conv_adapter")
    parser.add_argument(
        "--lengths",
        type=choices(*training.LENGTHS),
        help="train: fixed,real; default: fixed, and real with the first method",
    )
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu", help="train: where both compute [%(default)s]")
    parser.add_argument("--steps", type=int, help="more or fewer of them than each part does: 1 for a first look")
    parser.add_argument("--program", type=Path, default=ROOT / "build" / "bench" / "bench_train_step")
    parser.add_argument("--sure", type=Path, default=ROOT / "build" / "sure")
    parser.add_argument("--against", type=Path, metavar="FOLDER", help="versions: the other one's build folder")
    parser.add_argument("--output", type=Path, default=CACHE / "result.json")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs", help="where curves and scaling are written up")
    args = parser.parse_args()
    if args.device == "cuda" and args.parts != ["train"]:
        parser.error("--device cuda: only --parts train runs on a GPU")
    return args


def main() -> None:
    args = parse_arguments()
    for folder in (CACHE, args.output.parent, args.docs):
        folder.mkdir(parents=True, exist_ok=True)
    args.fast = machine.fast_dtype(args.device)
    machine.warn_of_company()
    dtypes = sorted({"fp32", args.fast})
    before = apart(machine.gemm_peaks, dtypes, args.device)
    here = apart(machine.describe, args.device)
    rows = {name: PARTS[name].measure(args) for name in args.parts}
    after = apart(machine.gemm_peaks, dtypes, args.device)
    peaks = {dtype: max(before[dtype], after[dtype]) for dtype in dtypes}
    args.output.write_text(json.dumps({"machine": here, **rows, "gemm_gflops": peaks}, indent=2) + "\n")

    reached = ", ".join(f"{dtype} {peak:.0f} GFLOP/s" for dtype, peak in peaks.items())
    print(f"{here['processor']}; torch.mm of {machine.GEMM_SIZE[args.device]}³: {reached}")
    for name in args.parts:
        if rows[name]:
            print(f"\n{PARTS[name].report(rows[name], peaks)}")
    print(f"\nall numbers: {args.output}")
    found = [fault for name in args.parts for fault in PARTS[name].faults(rows[name])]
    for fault in found:
        print(f"bench: {fault}", file=sys.stderr)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
