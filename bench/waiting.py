"""Waiting for data: the share of an epoch over 5,000 real clips that the trainer waits for its batches.

The spoken digits, each twice: 8 kHz FLAC, decoded and resampled to 16 kHz at a speed drawn anew (--speed_perturbation),
so that no two reads of a clip are alike. The models are small, which leaves the reader least time.
"""

import argparse
import csv
import json
import sys
from pathlib import Path

from cases import CACHE, DIGITS, make_model
from processes import call
from tables import number, table

PASSES = 2
LARGEST_SHARE = 0.02
SETTINGS = ["--max_samples", "16000", "--speed_perturbation", "0.1", "--evaluation_strategy", "no"]
SETTINGS += ["--save_strategy", "no", "--do_eval", "False", "--do_predict", "False", "--num_train_epochs", "1"]
NOTE = f"""Batches of 8 clips, LoRA. Each of the {PASSES} passes over the spoken digits decodes 8 kHz FLAC and resamples
it to 16 kHz at a speed of 0.9, 1 or 1.1, drawn anew."""


def write_manifest(file: Path) -> int:
    """How many clips it trains on. One more is there to validate on, or a tenth of them would be drawn for that."""
    recordings = sorted((DIGITS / "recordings").glob("*")) * PASSES
    with open(file, "w", newline="") as output:
        rows = csv.writer(output)
        rows.writerow(["path", "label", "split"])
        rows.writerows([path.resolve(), path.stem[0], "train"] for path in recordings)
        rows.writerows([path.resolve(), path.stem[0], "valid"] for path in recordings[:1])
    return len(recordings)


def measure(args: argparse.Namespace) -> list[dict]:
    manifest, folder = CACHE / "digits.csv", CACHE / "waiting"
    clips = write_manifest(manifest)
    if not clips:
        print(f"bench: no recordings in {DIGITS}: waiting for data is left out", file=sys.stderr)
        return []
    flags = ["--dataset", "manifest", "--data_dir", manifest, "--task", "classify", *SETTINGS]
    flags += ["--max_steps", args.steps or -1, "--overwrite_output_dir", "True", "--output_dir", folder]
    rows = []
    for model in ("random-tiny", make_model("small")):
        print(f"bench: an epoch of {clips} clips, {Path(model).name}, {args.fast}", file=sys.stderr)
        call(args.sure, "train", *flags, "--model", model, "--bf16", args.fast == "bf16")
        results = json.loads((folder / "results.json").read_text())
        steps = {"clips": clips, "steps": results["steps"]}
        rows.append({"model": Path(model).name, "dtype": args.fast, **steps, **results["epochs"][0]})
    return rows


def report(rows: list[dict], _) -> str:
    cells = [
        [
            f"{row['model']}, {row['dtype']}",
            str(row["clips"]),
            str(row["steps"]),
            number(row["seconds"]),
            number(row["data_seconds"], 3),
            f"{100 * row['data_seconds'] / row['seconds']:.2f} %",
        ]
        for row in rows
    ]
    columns = ["clips", "steps", "epoch, s", "waiting, s", "share"]
    return f"{table(['model'], columns, cells)}\n\n{NOTE}"


def faults(rows: list[dict]) -> list[str]:
    return [
        f"{row['model']}: the trainer waits {row['data_seconds']:.1f} of {row['seconds']:.1f} s for its batches"
        for row in rows
        if row["data_seconds"] > LARGEST_SHARE * row["seconds"]
    ]
