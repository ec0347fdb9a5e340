"""Two processes of one thread beside one of two threads: samples a second in training with the same global batch.

torchrun starts the two, which add up their gradients over Gloo at every step. The three turns of each alternate; each
tells the median of its steps.
"""

import argparse
import csv
import json
import os
import sys
from pathlib import Path

from cases import CACHE, DIGITS, make_model
from processes import call
from tables import number, table

CLIPS = 8  # in a batch, over all processes
STEPS = 20
TURNS = 3
GOAL = 0.95
SIDES = {"1 × 2 threads": (1, 2), "2 × 1 thread": (2, 1)}  # processes, threads of each
SETTINGS = ["--max_samples", "32000", "--evaluation_strategy", "no", "--save_strategy", "no", "--do_eval", "False"]
SETTINGS += ["--do_predict", "False", "--overwrite_output_dir", "True"]
NOTE = f"""{CLIPS} clips of 2 s in a batch of all processes. The goal is a ratio of {GOAL} or more."""


def write_manifest(file: Path, clips: int) -> int:
    recordings = sorted((DIGITS / "recordings").glob("*"))[: clips + 1]
    with open(file, "w", newline="") as output:
        rows = csv.writer(output)
        rows.writerow(["path", "label", "split"])
        rows.writerows([path.resolve(), index % 10, "train"] for index, path in enumerate(recordings[1:]))
        rows.writerows([path.resolve(), 0, "valid"] for path in recordings[:1])
    return len(recordings)


def seconds_per_step(sure: Path, processes: int, threads: int, flags: list) -> float:
    folder = CACHE / "world"
    launcher = Path(sys.executable).parent / "torchrun"
    start = [launcher, "--no-python", "--standalone", "--nproc-per-node", processes] if processes > 1 else []
    batch = ["--per_device_train_batch_size", CLIPS // processes]
    os.environ["OMP_NUM_THREADS"] = str(threads)  # of what is called
    call(*start, sure, "train", *flags, *batch, "--output_dir", folder)
    return json.loads((folder / "results.json").read_text())["seconds_per_step"]


def measure(args: argparse.Namespace) -> list[dict]:
    manifest, steps = CACHE / "world.csv", args.steps or STEPS
    if not write_manifest(manifest, CLIPS * steps):
        print(f"bench: no recordings in {DIGITS}: several processes are left out", file=sys.stderr)
        return []
    rows = []
    for size in args.sizes:
        for method in args.methods:
            print(f"bench: two processes beside one, {size}, {method}, {args.fast}", file=sys.stderr)
            flags = ["--dataset", "manifest", "--data_dir", manifest, "--task", "classify", "--model", make_model(size)]
            flags += ["--method", method, "--bf16", args.fast == "bf16", "--max_steps", steps, *SETTINGS]
            turns = [{name: seconds_per_step(args.sure, *side, flags) for name, side in SIDES.items()} for _ in range(TURNS)]
            best = {name: min(turn[name] for turn in turns) for name in SIDES}
            rows.append({"size": size, "method": method, "dtype": args.fast, "turns": turns, "seconds_per_step": best})
    return rows


def ratio(row: dict) -> float:
    one, two = (row["seconds_per_step"][name] for name in SIDES)
    return one / two


def report(rows: list[dict], _) -> str:
    cells = [
        [
            f"{row['size']}, {row['method']}, {row['dtype']}",
            *(number(CLIPS / row["seconds_per_step"][name]) for name in SIDES),
            number(ratio(row)),
        ]
        for row in rows
    ]
    return f"{table(['model, method'], [*(f'{name}, samples/s' for name in SIDES), 'ratio'], cells)}\n\n{NOTE}"


def faults(rows: list[dict]) -> list[str]:
    return [
        f"{row['size']}, {row['method']}: two processes do {ratio(row):.2f} of what one does"
        for row in rows
        if ratio(row) < GOAL
    ]
