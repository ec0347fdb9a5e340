"""Accuracy on spoken digits over five seeds, fp32 beside bf16: whether they differ by more than noise."""

import argparse
import json
import math
import statistics
import sys

from cases import CACHE, DIGITS, make_model
from processes import call
from tables import number, table

SEEDS = 5
DTYPES = ("fp32", "bf16")
EPOCHS = 2
SETTINGS = ["--max_samples", "8000", "--learning_rate", "1e-3", "--evaluation_strategy", "no", "--save_strategy", "no"]
ERRORS = 2.31  # Student's t of 95 % for twice five runs
NOTE = """Test accuracy of digits of speakers known from training, small model with random weights. Apart: the
difference of the means in standard errors of a difference; up to 2.3 is noise."""


def accuracies(method: str, dtype: str, args: argparse.Namespace) -> list[float]:
    folder = CACHE / f"seeds-{dtype}"
    length = ["--max_steps", args.steps] if args.steps else ["--num_train_epochs", EPOCHS]
    data = ["--dataset", "fsdd", "--data_dir", DIGITS, "--task", "keyword", "--model", make_model("small")]
    runs = ["--methods", method, "--seeds", SEEDS, "--seed", 1, "--bf16", dtype == "bf16"]
    output = ["--overwrite_output_dir", "True", "--output_dir", folder]
    call(args.sure, "compare", *runs, *data, *SETTINGS, *length, *output)
    results = [json.loads((folder / f"{method}-seed{seed + 1}" / "results.json").read_text()) for seed in range(SEEDS)]
    return [result["test"]["metrics"]["accuracy"] for result in results]


def measure(args: argparse.Namespace) -> list[dict]:
    if not (DIGITS / "recordings").is_dir():
        print("bench: seeds: needs recordings of digits: left out", file=sys.stderr)
        return []
    rows = []
    for method in args.methods:
        print(f"bench: {method}: {SEEDS} seeds in {' and in '.join(DTYPES)}", file=sys.stderr)
        rows.append({"method": method} | {dtype: accuracies(method, dtype, args) for dtype in DTYPES})
    return rows


def standard_errors_apart(row: dict) -> float:
    error = math.sqrt((statistics.variance(row["fp32"]) + statistics.variance(row["bf16"])) / SEEDS)
    return abs(statistics.mean(row["fp32"]) - statistics.mean(row["bf16"])) / error


def report(rows: list[dict], _) -> str:
    cells = [
        [
            row["method"],
            *(f"{statistics.mean(row[d]):.4f} ± {statistics.stdev(row[d]):.4f}" for d in DTYPES),
            number(standard_errors_apart(row), 1),
        ]
        for row in rows
    ]
    return f"{table(['method'], [*DTYPES, 'apart'], cells)}\n\n{NOTE}"


def faults(rows: list[dict]) -> list[str]:
    return [
        f"{row['method']}: the accuracies of fp32 and bf16 differ by more than noise"
        for row in rows
        if standard_errors_apart(row) > ERRORS
    ]
