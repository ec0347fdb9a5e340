"""A LoRA step of WavLM beside one of HuBERT of the same size: what its gated bias by distance costs.

Base size, 8 clips of 2.5 s, random weights, in each arithmetic.
"""

import argparse
import sys
from pathlib import Path

from cases import CACHE
from pairs import SHAPE, TURNS, arithmetics, in_turns
from processes import apart
from tables import number, table

ALLOWED = 1.15
ENCODERS = ["Hubert", "WavLM"]
NOTE = f"""ratio: WavLM's time to HuBERT's, the median over the turns; {ALLOWED} is allowed. CPU ratio: the same of the
seconds that the threads compute or spin."""


def save_random_model(encoder: str, folder: Path) -> None:
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    torch.manual_seed(1314)
    config = getattr(transformers, f"{encoder}Config")(layerdrop=0.0, apply_spec_augment=False)
    getattr(transformers, f"{encoder}Model")(config).save_pretrained(folder)


def make_model(encoder: str) -> Path:
    folder = CACHE / f"{encoder.lower()}-base-random"
    if not (folder / "model.safetensors").is_file():
        apart(save_random_model, encoder, folder)
    return folder


def measure(args: argparse.Namespace) -> list[dict]:
    flags = [["--model", str(make_model(encoder)), "--method", "lora", *SHAPE] for encoder in ENCODERS]
    rows = []
    for name, side in arithmetics(args, "lora").items():
        print(f"bench: {' and '.join(ENCODERS)}, {name}", file=sys.stderr)
        rows.append({"arithmetic": name, **in_turns(side, [args.program] * 2, flags, args.steps or TURNS)})
    return rows


def report(rows: list[dict], _) -> str:
    cells = [
        [
            f"base, lora, {row['arithmetic']}",
            *(number(seconds) for seconds in row["seconds"]),
            number(row["ratio"], 3),
            number(row["cpu_ratio"], 3),
            *(number(peak) for peak in row["peak_gib"]),
        ]
        for row in rows
    ]
    columns = ["HuBERT, s/step", "WavLM, s/step", "ratio", "CPU ratio", "HuBERT, peak GiB", "WavLM, peak GiB"]
    return f"{table(['case'], columns, cells)}\n\n{NOTE}"


def faults(rows: list[dict]) -> list[str]:
    return [
        f"WavLM, {row['arithmetic']}: a step takes {row['ratio']:.2f} times HuBERT's"
        for row in rows
        if row["ratio"] > ALLOWED
    ]
