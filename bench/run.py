#!/usr/bin/env python3
"""Times a training step of sure against transformers + PEFT: make bench, or make bench ARGS="--steps 15 --strongest".

wav2vec2-base size, batch 8 x 40,000 samples, the same random weights for both, LoRA and ConvAdapter, fp32 and bf16. The
two sides take turns, step by step, so that a change of the machine's speed meets both. Prints a Markdown table of median
seconds and peak memory, and writes all times to .cache/bench/result.json.
"""
import argparse
import json
import platform
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "bench"
WARM_UP = 2


def fast_dtypes() -> list[str]:
    """bf16 is left out where the processor has no AVX-512: oneDNN's convolutions then take minutes a step."""
    flags = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").is_file() else ""
    return ["fp32", "bf16"] if "avx512bw" in flags or "asimd" in flags else ["fp32"]


def make_model() -> Path:
    """A Hugging Face folder of the base size with seeded random weights."""
    folder = CACHE / "wav2vec2-base-random"
    if not (folder / "model.safetensors").is_file():
        import torch
        from transformers import Wav2Vec2Config, Wav2Vec2Model
        from transformers.utils import logging

        logging.disable_progress_bar()
        torch.manual_seed(1314)
        Wav2Vec2Model(Wav2Vec2Config(layerdrop=0.0, apply_spec_augment=False)).save_pretrained(folder)
    return folder


class Side:
    """A process that makes one training step whenever it is asked to."""

    def __init__(self, command: list[str]):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.trained = self.read()["trained"]
        self.seconds: list[float] = []

    def read(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"bench: {self.process.args[0]} ended early, exit status {self.process.wait()}")
        return json.loads(line)

    def step(self) -> float:
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.read()["seconds"]

    def close(self) -> dict:
        self.process.stdin.close()
        peak = self.read()["peak_gib"]
        self.process.wait()
        return {"median_seconds": statistics.median(self.seconds), "seconds": self.seconds, "peak_gib": peak,
                "trained": self.trained}


def compare(method: str, dtype: str, args: argparse.Namespace, model: Path) -> dict:
    shape = ["--model", str(model), "--method", method, "--dtype", dtype, "--batch", str(args.batch),
             "--samples", str(args.samples)]
    sides = {"sure": Side([str(args.program), *shape, *(["--dropout", "0"] if args.strongest else [])]),
             "peer": Side([sys.executable, str(ROOT / "bench" / "peer_step.py"), *shape,
                           *(["--strongest"] if args.strongest else [])])}
    for count in range(WARM_UP + args.steps):
        for side in sides.values():
            seconds = side.step()
            if count >= WARM_UP:
                side.seconds.append(seconds)
        print(f"\r{method} {dtype}: {count + 1}/{WARM_UP + args.steps} steps", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    row = {"method": method, "dtype": dtype, **{name: side.close() for name, side in sides.items()}}
    row["ratio"] = row["peer"]["median_seconds"] / row["sure"]["median_seconds"]
    return row


def table(rows: list[dict]) -> str:
    lines = ["| method | arithmetic | sure, s/step | transformers + PEFT, s/step | times as fast | sure, peak GiB "
             "| peer, peak GiB |", "|---|---|--:|--:|--:|--:|--:|"]
    for row in rows:
        sure, peer = row["sure"], row["peer"]
        lines.append(f"| {row['method']} | {row['dtype']} | {sure['median_seconds']:.2f} | {peer['median_seconds']:.2f} "
                     f"| {row['ratio']:.2f} | {sure['peak_gib']:.2f} | {peer['peak_gib']:.2f} |")
    return "\n".join(lines)


def versions() -> dict:
    import peft
    import torch
    import transformers

    return {"torch": torch.__version__, "transformers": transformers.__version__, "peft": peft.__version__,
            "threads": torch.get_num_threads(), "machine": platform.processor() or platform.machine()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--methods", default="lora,conv_adapter")
    parser.add_argument("--dtypes", default="", help="fp32,bf16; empty = both where the processor is fit for bf16")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--samples", type=int, default=40000)
    parser.add_argument("--steps", type=int, default=7, help=f"timed steps of each side, after {WARM_UP} untimed ones")
    parser.add_argument("--strongest", action="store_true", help="no dropout on both sides, and a compiled peer")
    parser.add_argument("--program", type=Path, default=ROOT / "build" / "bench" / "bench_train_step")
    parser.add_argument("--output", type=Path, default=CACHE / "result.json")
    args = parser.parse_args()

    dtypes = args.dtypes.split(",") if args.dtypes else fast_dtypes()
    if "bf16" not in dtypes and not args.dtypes:
        print("bench: no bf16 on this processor (no AVX-512; oneDNN falls back to reference code)", file=sys.stderr)
    model = make_model()
    rows = [compare(method, dtype, args, model)
            for method in args.methods.split(",") for dtype in dtypes]
    args.output.parent.mkdir(parents=True, exist_ok=True)
    args.output.write_text(json.dumps({"batch": args.batch, "samples": args.samples, "strongest": args.strongest,
                                       "versions": versions(), "rows": rows}, indent=2))
    print(table(rows))
    print(f"\nall times: {args.output}")


if __name__ == "__main__":
    main()
