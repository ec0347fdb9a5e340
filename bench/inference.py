"""Predicting real clips beside transformers' pipeline, each a fresh process, one after another in rounds."""

import argparse
import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import machine
from cases import CACHE, RATE, ROOT, make_model, speech_clips
from processes import call
from tables import number, table

ROUNDS = 2
SECONDS = 60  # of audio, about
PROBABILITY_TOLERANCE = 1e-3  # fp32, between the two sides
NOTE = """Start: from the start of the process to the first answer. Real-time factor: seconds for a second of audio in
the clips after that. ratio: of this side's real-time factor to that of the first row. The clips are LibriSpeech's,
about a minute."""


@dataclass
class Run:
    """One process over all clips."""

    first_seconds: float  # from the start of the process to the first clip's answer
    other_seconds: float  # from there to the last clip's
    peak_gib: float
    probabilities: list[dict[str, float]]


@dataclass
class Side:
    name: str
    dtype: str
    command: list[str]
    runs: list[Run] = field(default_factory=list)


def choose_clips() -> list[tuple[Path, int]]:
    """Every n-th by length, so that they keep the distribution; the first one answered is of middle length."""
    clips = speech_clips()
    every = max(1, round(sum(samples for _, samples in clips) / RATE / SECONDS))
    chosen = clips[every // 2 :: every]
    half = len(chosen) // 2
    return chosen[half:] + chosen[:half]


def make_adapter(sure: Path, size: str, clips: list[Path]) -> tuple[Path, Path]:
    """A LoRA adapter after one step, and the same as a whole model for transformers."""
    folder = CACHE / f"predict-{size}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with open(folder / "clips.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "label", "split"])
        rows.writerows([clip, f"label {i}", split] for split in ("train", "valid") for i, clip in enumerate(clips[:5]))
    adapter, exported = folder / "run" / "best_model", folder / "exported"
    data = ["--dataset", "manifest", "--data_dir", folder / "clips.csv", "--task", "classify", "--max_samples", "8000"]
    once = ["--max_steps", "1", "--do_eval", "False", "--do_predict", "False", "--output_dir", adapter.parent]
    call(sure, "train", *data, "--model", make_model(size), "--method", "lora", *once)
    call(sure, "export", "--adapter", adapter, "--to", "hf", "--output_dir", exported)
    return adapter, exported


def sides(sure: Path, adapter: Path, exported: Path, fast: str) -> list[Side]:
    """The first is what the others are compared with."""
    whole_clips = ["--max_samples", "0", "--padding", "longest", "--format", "jsonl"]
    ours = [str(sure), "predict", "--adapter", str(adapter), *whole_clips]
    peer = [sys.executable, "-W", "ignore", str(ROOT / "bench" / "peer_predict.py"), str(exported)]
    fp32 = [Side("sure predict, fp32", "fp32", ours), Side("pipeline, fp32", "fp32", [*peer, "float32"])]
    if fast == "fp32":
        return fp32
    in_bf16 = Side("sure predict, bf16", "bf16", [*ours, "--bf16", "True"])
    in_int8 = [Side("sure predict, int8", "bf16", [*in_bf16.command, "--int8", "True"])] if machine.has_int8() else []
    return [in_bf16, *in_int8, *fp32, Side("pipeline, bf16", "bf16", [*peer, "bfloat16"])]


def run(command: list[str], clips: list[Path]) -> Run:
    start = time.perf_counter()
    process = subprocess.Popen([*command, *map(str, clips)], stdout=subprocess.PIPE, text=True)
    answers, first = [], 0.0
    for line in process.stdout:
        first = first or time.perf_counter() - start
        answers.append(json.loads(line)["probabilities"])
    whole = time.perf_counter() - start
    _, status, usage = os.wait4(process.pid, 0)  # this child's own peak
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0 or len(answers) != len(clips):
        sys.exit(f"bench: {command[0]}: exit status {process.returncode}, {len(answers)} of {len(clips)} clips")
    return Run(first, whole - first, usage.ru_maxrss / 2**20, answers)


def largest_difference(ours: Run, theirs: Run) -> float:
    pairs = zip(ours.probabilities, theirs.probabilities, strict=True)
    return max(abs(mine[label] - other[label]) for mine, other in pairs for label in mine)


def row_of(side: Side, audio_seconds: float) -> dict:
    median = statistics.median
    return {
        "side": side.name,
        "dtype": side.dtype,
        "start_seconds": median(run.first_seconds for run in side.runs),
        "real_time_factor": median(run.other_seconds for run in side.runs) / audio_seconds,
        "peak_gib": max(run.peak_gib for run in side.runs),
        "runs": [[run.first_seconds, run.other_seconds] for run in side.runs],
    }


def compare(size: str, fast: str, rounds: int, sure: Path) -> list[dict]:
    """A row for each side; none where the recordings are absent."""
    clips = choose_clips()
    if not clips:
        print("bench: no ../shared/data/LibriSpeech: inference is left out", file=sys.stderr)
        return []
    paths = [path for path, _ in clips]
    everyone = sides(sure, *make_adapter(sure, size, paths), fast)
    for number in range(rounds):
        print(f"bench: {size}, inference: round {number + 1} of {rounds}", file=sys.stderr)
        for side in everyone:
            side.runs.append(run(side.command, paths))
    in_fp32 = [side.runs[0] for side in everyone if side.dtype == "fp32"]
    if largest_difference(*in_fp32) > PROBABILITY_TOLERANCE:
        sys.exit(f"bench: the two sides' fp32 probabilities differ by {largest_difference(*in_fp32):.1e}")
    rows = [row_of(side, sum(samples for _, samples in clips[1:]) / RATE) for side in everyone]
    return [{"size": size, **row, "ratio": row["real_time_factor"] / rows[0]["real_time_factor"]} for row in rows]


def measure(args: argparse.Namespace) -> list[dict]:
    rounds = min(args.steps or ROUNDS, ROUNDS)
    return [row for size in args.sizes for row in compare(size, args.fast, rounds, args.sure)]


def report(rows: list[dict], _) -> str:
    cells = [
        [
            row["size"],
            row["side"],
            number(row["start_seconds"]),
            number(row["real_time_factor"], 3),
            number(row["ratio"]),
            number(row["peak_gib"]),
        ]
        for row in rows
    ]
    return f"{table(['case', 'side'], ['start, s', 'real-time factor', 'ratio', 'peak GiB'], cells)}\n\n{NOTE}"
