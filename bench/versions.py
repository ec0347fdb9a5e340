"""Training steps and the start of predicting beside another version's: --against FOLDER, the one it is built in.

All of --methods and --sizes in each arithmetic, on 8 clips of 2.5 s. Without --against this part is left out.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

from answering import Answering, Side
from cases import make_model
from inference import choose_clips, make_adapter, our_sides
from pairs import SHAPE, TURNS, arithmetics, in_turns
from tables import number, table

ALLOWED = 1.03
NOTE = f"""ratio: this version's time to the other's, the median over the turns; {ALLOWED} is allowed. CPU ratio: the same
of the seconds that their threads compute or spin. Start: of sure predict, until its first answer."""


def start_seconds(side: Side, program: Path, clip: Path) -> float:
    side.command[0] = str(program)
    start = time.perf_counter()
    answering = Answering(side)
    answering.hear(clip)
    seconds = time.perf_counter() - start
    answering.close()
    return seconds


def compare_starts(size: str, programs: list[Path], args: argparse.Namespace) -> list[dict]:
    clips = [path for path, _ in choose_clips()]
    if not clips:
        return []
    adapter, _ = make_adapter(programs[0], size, clips)
    rows = []
    for side in our_sides(args.sure, adapter, args.fast):
        turns = [[start_seconds(side, program, clips[0]) for program in programs] for _ in range(args.steps or TURNS)]
        seconds = [statistics.median(column) for column in zip(*turns, strict=True)]
        ratio = statistics.median(second / first for first, second in turns)
        rows.append({"what": f"start, {side.arithmetic}", "seconds": seconds, "ratio": ratio, "turns": turns})
    return rows


def compare_steps(size: str, programs: list[Path], args: argparse.Namespace) -> list[dict]:
    rows = []
    for method in args.methods:
        flags = ["--model", str(make_model(size)), "--method", method, *SHAPE]
        for name, side in arithmetics(args, method).items():
            print(f"bench: two versions, {size}, {method}, {name}", file=sys.stderr)
            rows.append({"what": f"{method}, {name}", **in_turns(side, programs, [flags, flags], args.steps or TURNS)})
    return rows


def measure(args: argparse.Namespace) -> list[dict]:
    if not args.against:
        print("bench: no --against FOLDER: two versions are left out", file=sys.stderr)
        return []
    steps = [args.against / "bench" / "bench_train_step", args.program]
    starts = [args.against / "sure", args.sure]
    return [
        {"size": size, **row}
        for size in args.sizes
        for row in compare_steps(size, steps, args) + compare_starts(size, starts, args)
    ]


def report(rows: list[dict], _) -> str:
    cells = [
        [
            f"{row['size']}, {row['what']}",
            *(number(seconds, 3) for seconds in row["seconds"]),
            number(row["ratio"], 3),
            number(row.get("cpu_ratio"), 3),
        ]
        for row in rows
    ]
    return f"{table(['case'], ['the other, s', 'this, s', 'ratio', 'CPU ratio'], cells)}\n\n{NOTE}"


def faults(rows: list[dict]) -> list[str]:
    return [
        f"{row['size']}, {row['what']}: {row['ratio']:.3f} times as long as the other version"
        for row in rows
        if row["ratio"] > ALLOWED
    ]
