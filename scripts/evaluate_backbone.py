#!/usr/bin/env python3
"""What a backbone is worth: every tuning method on three tasks, beside random weights of the same shape.

    make build && scripts/setup.sh test
    .venv/bin/python scripts/evaluate_backbone.py models/sure-tiny

Tested are clips and speakers that pre-training has not heard (scripts/held_out.txt), by `sure compare`, three seeds:
digits of a new speaker, Speech Commands words by new speakers, and which of six new speakers is heard in two seconds.
The same command goes on after a kill. The table comes out in OUTPUT_DIR/table.md.
"""

import argparse
import csv
import hashlib
import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import soundfile
import torch
from recordings import find_recordings, held_out
from transformers import AutoConfig, AutoModel

PIECE_SECONDS = 2
SPEAKER_CORPORA = ("LibriSpeech", "VCTK-Corpus")
# Those of the methods, but for two whose usual one is for large models.
LEARNING_RATES = {"head": 0, "finetune": 5e-4, "bottleneck": 4e-3, "prefix": 0, "lora": 0, "conv_adapter": 0}


class Case(NamedTuple):
    name: str
    chance: float
    epochs: int
    flags: list[str]


def write_manifest(path: Path, rows: list[dict]) -> Path:
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, ["path", "label", "split"], delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def split_of(is_test: bool) -> str:
    return "test" if is_test else "train"


def words_manifest(data: Path, out: Path) -> Path:
    """All thirty words; the speakers of the corpus's test and validation lists are for testing."""
    recordings = [path for path in find_recordings(data) if path.parts[0].startswith("speech_commands")]
    unheard = held_out(find_recordings(data))
    rows = [
        {"path": (data / path).resolve(), "label": path.parent.name, "split": split_of(path in unheard)}
        for path in recordings
    ]
    return write_manifest(out / "words.tsv", rows)


def speakers_manifest(data: Path, out: Path) -> Path:
    """Two-second pieces of speakers that pre-training has not heard; every other recording is for testing."""
    folder = out / "pieces"
    folder.mkdir(exist_ok=True)
    rows, recordings_of = [], {}
    for path in sorted(path for path in held_out(find_recordings(data)) if path.parts[0] in SPEAKER_CORPORA):
        speaker = path.stem.replace("_", "-").split("-")[0]
        recordings_of.setdefault(speaker, []).append(path)
        samples, rate = soundfile.read(data / path)
        length = PIECE_SECONDS * rate
        for index in range(len(samples) // length):
            piece = folder / f"{path.stem}-{index}.flac"
            soundfile.write(piece, samples[index * length : (index + 1) * length], rate)
            is_test = len(recordings_of[speaker]) % 2 == 0
            rows.append({"path": piece.resolve(), "label": speaker, "split": split_of(is_test)})
    return write_manifest(out / "speakers.tsv", rows)


def cases(data: Path, out: Path) -> list[Case]:
    digits = ["--dataset", "fsdd", "--data_dir", data / "fsdd", "--task", "keyword", "--test_speakers", "yweweler"]
    words = ["--dataset", "manifest", "--data_dir", words_manifest(data, out), "--task", "keyword"]
    speakers = ["--dataset", "manifest", "--data_dir", speakers_manifest(data, out), "--task", "speaker"]
    few = ["--clips_per_class", "10"]
    return [
        Case("digits", 1 / 10, 3, digits),
        Case("digits, 10 clips a class", 1 / 10, 30, digits + few),
        Case("words, 4 to 8 clips a class", 1 / 30, 50, words),
        Case("speakers", 1 / 6, 15, speakers),
        Case("speakers, 10 clips a class", 1 / 6, 20, speakers + few),
    ]


def random_twin(model: Path, folder: Path) -> Path:
    """A model of the same shape as transformers initialises it."""
    torch.manual_seed(1)
    AutoModel.from_config(AutoConfig.from_pretrained(model), dtype=torch.float32).save_pretrained(folder)
    preprocessor = "preprocessor_config.json"
    (folder / preprocessor).write_text((model / preprocessor).read_text())
    return folder


def run_folder(out: Path, case: Case, weights: str, model: Path, method: str) -> Path:
    """Named by the weights' bytes too, so that a model trained anew is tested anew."""
    digest = hashlib.sha256((model / "model.safetensors").read_bytes()).hexdigest()[:8]
    return out / case.name.replace(", ", "-").replace(" ", "_") / f"{weights}-{digest}" / method


def compare(sure: Path, case: Case, model: Path, method: str, seeds: int, folder: Path) -> dict:
    """The method's row of the comparison; finished runs are reused."""
    command = [sure, "compare", "--methods", method, "--seeds", seeds, "--model", model, "--output_dir", folder]
    command += ["--learning_rate", LEARNING_RATES[method], "--num_train_epochs", case.epochs, "--warmup_ratio", 0.1]
    command += ["--per_device_train_batch_size", 16, "--per_device_eval_batch_size", 32, "--max_samples", 32000]
    command += ["--padding", "exact", "--group_by_length", "True", "--bf16", "True", "--dropout", 0, "--layerdrop", 0]
    command += ["--evaluation_strategy", "no", "--save_strategy", "no", "--resume", "latest", *case.flags]
    if method != "finetune":
        command += ["--cache", "memory"]
    one_thread = os.environ | {"OMP_NUM_THREADS": "1"}
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL, env=one_thread)
    return json.loads((folder / "comparison.json").read_text())["methods"][0]


def table(results: dict[str, dict[str, dict[str, dict]]], chances: dict[str, float]) -> str:
    """Accuracy on test clips, mean ± deviation; `results` by case, weights and method."""
    lines = [["task", "chance", "weights", *LEARNING_RATES], ["---"] * 3 + ["--:"] * len(LEARNING_RATES)]
    for case, by_weights in results.items():
        for weights, rows in by_weights.items():
            cells = [f"{100 * row['mean']:.1f} ± {100 * row['deviation']:.1f}" for row in rows.values()]
            lines.append([case, f"{100 * chances[case]:.0f}", weights, *cells])
        trained, random = by_weights.values()
        ratios = [(1 - trained[m]["mean"]) / max(1 - random[m]["mean"], 1e-9) for m in LEARNING_RATES]
        lines.append([case, "", "errors, as a share of random's", *(f"{ratio:.2f}" for ratio in ratios)])
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="folder of the pre-trained backbone")
    parser.add_argument("--data", type=Path, default="../shared/data", help="recordings [%(default)s]")
    parser.add_argument("--output_dir", type=Path, default="output/backbone", help="[%(default)s]")
    parser.add_argument("--seeds", type=int, default=3, help="[%(default)s]")
    parser.add_argument("--sure", type=Path, default="build/sure", help="[%(default)s]")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="runs at a time, a thread each [%(default)s]")
    options = parser.parse_args()

    out = options.output_dir
    out.mkdir(parents=True, exist_ok=True)
    models = {"pre-trained": options.model, "random": random_twin(options.model, out / "random")}
    results, chances = {}, {}
    with ThreadPoolExecutor(options.jobs) as pool:
        for case in cases(options.data, out):
            chances[case.name] = case.chance
            results[case.name] = {weights: {} for weights in models}
            for weights, model in models.items():
                for method in LEARNING_RATES:
                    folder = run_folder(out, case, weights, model, method)
                    row = pool.submit(compare, options.sure, case, model, method, options.seeds, folder)
                    results[case.name][weights][method] = row
    results = {
        case: {weights: {method: row.result() for method, row in rows.items()} for weights, rows in by_weights.items()}
        for case, by_weights in results.items()
    }
    (out / "table.md").write_text(table(results, chances))
    print((out / "table.md").read_text())


if __name__ == "__main__":
    main()
