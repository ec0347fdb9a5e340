"""Predicting real clips beside transformers' pipeline, OpenVINO and ONNX Runtime, clip by clip in turns.

A runtime that is not installed (requirements-bench.txt) is named and left out, and so is a side whose logits are not
those of sure in fp32, which is looked at before the clock starts.
"""

import argparse
import csv
import json
import os
import shutil
import statistics
import sys
from pathlib import Path

import machine
from answering import Side, agrees, answers, take_turns
from cases import CACHE, RATE, ROOT, make_model, speech_clips
from peer_files import FILES, write_files
from processes import apart, call
from tables import number, table

ROUNDS = 2
SECONDS = 60  # of audio, about
SHORTEST, LONGEST = 4, 15  # seconds
CHECKED_CLIPS = 3
OURS = "sure predict"
NOTE = f"""Start: from the start of the process to the first answer. Real-time factor: seconds for a second of audio in
the clips after that, which all sides hear in turns: LibriSpeech's of {SHORTEST} to {LONGEST} s, about a minute.
ratio: of this side's real-time factor to that of sure in the same arithmetic; CPU ratio: the same of the seconds that
its threads compute or spin. int8: the encoder's linear layers; the rest is in bf16 where the machine has it, but in
fp32 with ONNX Runtime."""


def choose_clips() -> list[tuple[Path, int]]:
    """Every n-th by length, so that they keep the distribution; the first one answered is of middle length."""
    clips = [clip for clip in speech_clips() if SHORTEST * RATE <= clip[1] <= LONGEST * RATE]
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


def our_sides(sure: Path, adapter: Path, fast: str) -> list[Side]:
    whole_clips = ["--max_samples", "0", "--padding", "longest", "--format", "jsonl"]
    command = [str(sure), "predict", "--adapter", str(adapter), *whole_clips]
    in_bf16 = [*command, "--bf16", "True"]
    ours = [Side(OURS, "fp32", command)]
    ours += [Side(OURS, "bf16", in_bf16)] if fast == "bf16" else []
    return ours + ([Side(OURS, "int8", [*in_bf16, "--int8", "True"])] if machine.has_int8() else [])


def peer(script: str, *arguments: str | Path) -> list[str]:
    return [sys.executable, "-W", "ignore", str(ROOT / "bench" / script), *map(str, arguments)]


def transformers_sides(exported: Path, fast: str) -> list[Side]:
    names = {"fp32": "float32"} | ({"bf16": "bfloat16"} if fast == "bf16" else {})
    name = "transformers' pipeline"
    return [Side(name, dtype, peer("peer_predict.py", exported, torch)) for dtype, torch in names.items()]


RUNTIMES = [
    ("OpenVINO", "fp32", "model.xml"),
    ("OpenVINO", "bf16", "model.xml"),
    ("OpenVINO", "int8", "model-int8.xml"),
    ("ONNX Runtime", "fp32", "model.onnx"),
    ("ONNX Runtime", "int8", "model-int8.onnx"),
]


def runtime_sides(exported: Path, fast: str, clips: list[Path]) -> list[Side]:
    """Those whose packages are there, with their files in the folder."""
    threads = os.environ.get("OMP_NUM_THREADS") or str(len(os.sched_getaffinity(0)))
    sides, files = [], set()
    for name, arithmetic, file in RUNTIMES:
        missing = FILES[file].missing()
        if missing:
            packages = f"{' and '.join(missing)} of requirements-bench.txt"
            print(f"bench: {name} in {arithmetic} is left out: {packages} is not installed", file=sys.stderr)
        elif arithmetic != "bf16" or fast == "bf16":
            dtype = "fp32" if arithmetic == "fp32" else fast
            sides.append(Side(name, arithmetic, peer("peer_runtime.py", exported / file, dtype, threads)))
            files.add(file)
    if files:
        print("bench: writing the model for OpenVINO and ONNX Runtime: a few minutes", file=sys.stderr)
        apart(write_files, exported, [file for file in FILES if file in files], clips)
    return sides


def row_of(side: Side, audio_seconds: float) -> dict:
    row = {"side": side.name, "arithmetic": side.arithmetic, "failure": side.failure}
    if side.failure:
        return row
    rounds = len(side.starts)
    clips = len(side.turns) // rounds
    each = [sum(side.turns[clips * i : clips * (i + 1)]) for i in range(rounds)]
    return row | {
        "start_seconds": statistics.median(side.starts),
        "real_time_factor": statistics.median(each) / audio_seconds,
        "cpu_factor": statistics.median(side.cpu_seconds) / audio_seconds,
        "peak_gib": side.peak_gib,
        "starts": side.starts,
        "turns": side.turns,
    }


def groups(sides: list[Side], size: str) -> list[list[Side]]:
    """Who is alive together: everyone, or with the large model, which would not fit, one after another."""
    return [sides] if size != "large" else [[side] for side in sides]


def compare(size: str, fast: str, rounds: int, sure: Path) -> list[dict]:
    """A row for each side; none where the recordings are absent."""
    chosen = choose_clips()
    if not chosen:
        print("bench: no ../shared/data/LibriSpeech: inference is left out", file=sys.stderr)
        return []
    clips = [path for path, _ in chosen]
    adapter, exported = make_adapter(sure, size, clips)
    ours = our_sides(sure, adapter, fast)
    everyone = ours + transformers_sides(exported, fast) + runtime_sides(exported, fast, clips)
    checked = clips[:CHECKED_CLIPS]
    reference = answers(ours[0], checked)
    agreeing = [side for side in everyone if agrees(side, checked, reference)]
    for index in range(rounds):
        print(f"bench: {size}, inference: round {index + 1} of {rounds}", file=sys.stderr)
        for group in groups(agreeing, size):
            take_turns(group, clips)
    audio_seconds = sum(samples for _, samples in chosen[1:]) / RATE
    return [{"size": size, **row_of(side, audio_seconds)} for side in everyone]


def measure(args: argparse.Namespace) -> list[dict]:
    rounds = min(args.steps or ROUNDS, ROUNDS)
    return [row for size in args.sizes for row in compare(size, args.fast, rounds, args.sure)]


def ratio(row: dict, rows: list[dict], factor: str) -> float | None:
    """To sure of the same size in the same arithmetic."""
    same = (row["size"], OURS, row["arithmetic"], "")
    for other in rows:
        if (other["size"], other["side"], other["arithmetic"], other["failure"]) == same and other[factor]:
            return row[factor] / other[factor]
    return None


def cells(row: dict, rows: list[dict]) -> list[str]:
    names = [row["size"], f"{row['side']}, {row['arithmetic']}"]
    if row["failure"]:
        return [*names, f"left out: {row['failure']}", *["–"] * 4]
    ratios = [number(ratio(row, rows, factor)) for factor in ("real_time_factor", "cpu_factor")]
    return [*names, number(row["start_seconds"]), number(row["real_time_factor"], 3), *ratios, number(row["peak_gib"])]


def report(rows: list[dict], _) -> str:
    columns = ["start, s", "real-time factor", "ratio", "CPU ratio", "peak GiB"]
    return f"{table(['case', 'side'], columns, [cells(row, rows) for row in rows])}\n\n{NOTE}"


def faults(rows: list[dict]) -> list[str]:
    return [f"{row['size']}, {row['side']}, {row['arithmetic']}: {row['failure']}" for row in rows if row["failure"]]
