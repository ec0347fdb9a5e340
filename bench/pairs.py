"""Two programs or models make the same training steps in turns: how many times as long the second takes."""

import argparse
import statistics
from pathlib import Path

import machine
from cases import FIXED, can_quantise
from processes import Running, Side, cpu_seconds

TURNS = 12
SHAPE = ["--batch", str(len(FIXED[0])), "--samples", str(FIXED[0][0])]


def arithmetics(args: argparse.Namespace, method: str) -> dict[str, Side]:
    """By name: how a side starts in each."""
    sides = {dtype: Side("sure", dtype, True) for dtype in dict.fromkeys([args.fast, "fp32"])}
    return sides | ({"int8": Side("sure", args.fast, True, ["--int8"])} if can_quantise(method) else {})


def in_turns(side: Side, programs: list[Path], flags: list[list[str]], turns: int) -> dict:
    """The first and the second, each with its program and flags. ratio: the median over the turns."""
    both = [Running(side, program, own) for program, own in zip(programs, flags, strict=True)]
    for running in both:
        running.turn()
    begun = [cpu_seconds(running.process) for running in both]
    seconds = [[running.turn()["seconds"] for running in both] for _ in range(turns)]
    spent = [cpu_seconds(running.process) - before for running, before in zip(both, begun, strict=True)]
    peaks = [running.peak_gib() for running in both]
    return {
        "seconds": [statistics.median(column) for column in zip(*seconds, strict=True)],
        "ratio": statistics.median(second / first for first, second in seconds),
        "cpu_ratio": spent[1] / spent[0],
        "peak_gib": peaks,
        "turns": seconds,
    }
