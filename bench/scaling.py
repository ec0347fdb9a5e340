"""How a training step's time and memory grow: with threads, clip length, batch, layers, rank and by method.

sure alone, base size. The table and its picture are docs/scaling.md and docs/scaling.svg.
"""

import argparse
import statistics
import sys
from dataclasses import dataclass, field

import machine
import plot
from cases import CACHE, FIXED, RATE, make_model, read_config, step_flops
from processes import Running, Side, apart
from tables import number, table

STEPS = 3
SECONDS = 60  # of audio in a batch, however long its clips are
NOTE = """Each axis is measured against its first row: how many times the seconds, how many times they would be if they
grew in proportion, and how many times the arithmetic that the step needs at least (bench/cases.py). Where an axis does
not name something else: wav2vec2-base size, LoRA of rank 8, 8 clips of 2.5 s, all threads. Attention grows with the
square of a clip's length; the front-end does not grow with the layers."""


@dataclass
class Case:
    """A point of an axis; `linear`: the axis' first point takes 1."""

    value: float | str
    linear: float | None = None
    clips: list[int] = field(default_factory=lambda: FIXED[0])
    layers: int | None = None
    rank: int = 8
    method: str = "lora"
    threads: int | None = None


AXES = {
    "threads": [Case(n, linear=1 / n, threads=n) for n in (1, 2)],
    "clips of 2.5 s": [Case(n, linear=n, clips=FIXED[0][:1] * n) for n in (1, 2, 4, 8, 16)],
    f"clip length, s ({SECONDS} s in a batch)": [
        Case(s, linear=1, clips=[round(s * RATE)] * round(SECONDS / s)) for s in (2.5, 5, 10, 20, 30)
    ],
    "layers": [Case(n, linear=n / 3, layers=n) for n in (3, 6, 12)],
    "LoRA rank": [Case(n, rank=n) for n in (1, 8, 64, 256)],
    "method": [Case(name, method=name) for name in ("lora", "conv_adapter", "bottleneck", "prefix", "finetune")],
}


def time_case(axis: str, case: Case, args: argparse.Namespace) -> dict:
    print(f"bench: {axis}: {case.value}", file=sys.stderr)
    model = make_model("base", case.layers)
    flags = ["--model", str(model), "--method", case.method, "--lora_rank", str(case.rank)]
    flags += ["--batch", str(len(case.clips)), "--samples", str(case.clips[0])]
    environment = {"OMP_NUM_THREADS": str(case.threads)} if case.threads else {}
    side = Side("sure", args.fast, True, environment=environment)
    running = Running(side, args.program, flags)
    for _ in range(side.warm_up):
        running.turn()
    turns = [running.turn()["seconds"] for _ in range(args.steps or STEPS)]
    flops = step_flops(read_config(model), case.method, [case.clips], rank=case.rank)
    return {
        "axis": axis,
        "value": case.value,
        "seconds": statistics.median(turns),
        "turns": turns,
        "peak_gib": running.peak_gib(),
        "linear": case.linear,
        "flops": flops / (case.threads or 1),  # of a thread
    }


def measure(args: argparse.Namespace) -> list[dict]:
    rows = [time_case(axis, case, args) for axis, cases in AXES.items() for case in cases]
    here = apart(machine.describe, args.device)
    (args.docs / "scaling.svg").write_text(picture(rows))
    (args.docs / "scaling.md").write_text(
        "# How a training step grows\n\n"
        f"Written by `make bench ARGS=\"--parts scaling\"` on {here['processor']}, "
        f"{args.fast}.\n\n![time and memory of a step by batch, clip length, layers and rank](scaling.svg)\n\n"
        f"{report(rows)}\n"
    )
    return rows


def points_of(rows: list[dict], axis: str) -> list[dict]:
    """An axis' rows, with what they are of its first one."""
    found = [row for row in rows if row["axis"] == axis]
    first = found[0]
    return [
        row
        | {
            "times": row["seconds"] / first["seconds"],
            "arithmetic": row["flops"] / first["flops"],
        }
        for row in found
    ]


def report(rows: list[dict], _=None) -> str:
    cells = [
        [
            axis,
            str(row["value"]),
            number(row["seconds"]),
            *(number(row[key]) for key in ("times", "linear", "arithmetic", "peak_gib")),
        ]
        for axis in AXES
        for row in points_of(rows, axis)
    ]
    columns = ["s/step", "times the first", "in proportion", "arithmetic", "peak GiB"]
    return f"{table(['axis', 'value'], columns, cells)}\n\n{NOTE}"


def picture(rows: list[dict]) -> str:
    """Times above, memory below, for the axes that are numbers and have enough points."""
    drawn = [axis for axis, cases in AXES.items() if len(cases) > 2 and not isinstance(cases[0].value, str)]
    times, memory = [], []
    for axis in drawn:
        points = points_of(rows, axis)
        first = points[0]["seconds"]
        measured = plot.Line("measured", [(row["value"], row["seconds"]) for row in points])
        arithmetic = plot.Line("as the arithmetic", [(row["value"], row["arithmetic"] * first) for row in points], True)
        times.append(plot.Panel("s/step", axis, [measured, arithmetic]))
        peaks = [(row["value"], row["peak_gib"]) for row in points]
        memory.append(plot.Panel("peak GiB", axis, [plot.Line("measured", peaks)]))
    return plot.svg(times + memory, columns=len(drawn))
