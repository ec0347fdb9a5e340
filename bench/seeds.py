"""Accuracy on spoken digits over five seeds, fp32 beside bf16 and int8: whether they differ by more than noise."""

import argparse
import json
import math
import statistics
import sys

from cases import CACHE, DIGITS, can_quantise, make_model
from processes import call
from tables import number, table

SEEDS = 5
ARITHMETICS = {"fp32": [], "bf16": ["--bf16", True], "int8": ["--bf16", True, "--int8", True]}
EPOCHS = 2
SETTINGS = ["--max_samples", "8000", "--learning_rate", "1e-3", "--evaluation_strategy", "no", "--save_strategy", "no"]
ERRORS = 2.31  # Student's t of 95 % for twice five runs
NOTE = """Test accuracy of digits of speakers known from training, small model with random weights. Apart: the
difference of the means to fp32's in standard errors of a difference; up to 2.3 is noise."""


def accuracies(method: str, arithmetic: str, args: argparse.Namespace) -> list[float]:
    folder = CACHE / f"seeds-{arithmetic}"
    length = ["--max_steps", args.steps] if args.steps else ["--num_train_epochs", EPOCHS]
    data = ["--dataset", "fsdd", "--data_dir", DIGITS, "--task", "keyword", "--model", make_model("small")]
    runs = ["--methods", method, "--seeds", SEEDS, "--seed", 1, *ARITHMETICS[arithmetic]]
    output = ["--overwrite_output_dir", "True", "--output_dir", folder]
    call(args.sure, "compare", *runs, *data, *SETTINGS, *length, *output)
    results = [json.loads((folder / f"{method}-seed{seed + 1}" / "results.json").read_text()) for seed in range(SEEDS)]
    return [result["test"]["metrics"]["accuracy"] for result in results]


def measure(args: argparse.Namespace) -> list[dict]:
    """A row for each method, with the accuracies of each arithmetic that it can have."""
    if not (DIGITS / "recordings").is_dir():
        print("bench: seeds: needs recordings of digits: left out", file=sys.stderr)
        return []
    rows = []
    for method in args.methods:
        used = [name for name in ARITHMETICS if name != "int8" or can_quantise(method)]
        print(f"bench: {method}: {SEEDS} seeds in {', in '.join(used)}", file=sys.stderr)
        rows.append({"method": method} | {name: accuracies(method, name, args) for name in used})
    return rows


def standard_errors_apart(row: dict, arithmetic: str) -> float:
    error = math.sqrt((statistics.variance(row["fp32"]) + statistics.variance(row[arithmetic])) / SEEDS)
    return abs(statistics.mean(row["fp32"]) - statistics.mean(row[arithmetic])) / error


def cells(row: dict, arithmetic: str) -> list[str]:
    if arithmetic not in row:
        return ["–", "–"]
    accuracy = f"{statistics.mean(row[arithmetic]):.4f} ± {statistics.stdev(row[arithmetic]):.4f}"
    return [accuracy] if arithmetic == "fp32" else [accuracy, number(standard_errors_apart(row, arithmetic), 1)]


def report(rows: list[dict], _) -> str:
    columns = ["fp32", "bf16", "apart", "int8", "apart"]
    body = [[row["method"], *(cell for name in ARITHMETICS for cell in cells(row, name))] for row in rows]
    return f"{table(['method'], columns, body)}\n\n{NOTE}"


def faults(rows: list[dict]) -> list[str]:
    return [
        f"{row['method']}: the accuracies of fp32 and {name} differ by more than noise"
        for row in rows
        for name in ARITHMETICS
        if name in row and name != "fp32" and standard_errors_apart(row, name) > ERRORS
    ]
