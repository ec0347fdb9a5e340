"""Processes that answer clip by clip what they heard, and whether their answers agree."""

import json
import math
import operator
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from processes import SideFailed, cpu_seconds

# Least cosine between logits, less their mean, and those of sure in fp32.
AGREEMENT = {"fp32": 0.99999, "bf16": 0.9995, "int8": 0.99}


@dataclass
class Side:
    name: str
    arithmetic: str  # fp32, bf16 or int8
    command: list[str]
    starts: list[float] = field(default_factory=list)  # of each round: seconds until the first answer
    turns: list[float] = field(default_factory=list)  # of each round one after the other: seconds of each further clip
    cpu_seconds: list[float] = field(default_factory=list)  # of each round: of all these clips, without the kernel's
    peak_gib: float = 0.0
    failure: str = ""


class Answering:
    """A side's process."""

    def __init__(self, side: Side):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen(side.command, text=True, **pipes)

    def hear(self, clip: Path) -> list[float]:
        """The clip's logits less their mean, by label."""
        try:
            print(clip, file=self.process.stdin, flush=True)
        except BrokenPipeError:
            pass  # the missing answer tells
        line = self.process.stdout.readline()
        if not line:
            raise SideFailed(f"ended early, exit status {self.process.wait()}")
        logs = [math.log(chance) for _, chance in sorted(json.loads(line)["probabilities"].items())]
        return [value - sum(logs) / len(logs) for value in logs]

    def close(self) -> float:
        """This process' own peak in GiB."""
        self.process.stdin.close()
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_maxrss / 2**20


def agrees(side: Side, clips: list[Path], reference: list[float]) -> bool:
    """In a process of its own; says and keeps what is wrong."""
    try:
        logits = answers(side, clips)
        cosine = sum(map(operator.mul, logits, reference)) / math.hypot(*logits) / math.hypot(*reference)
        if not cosine >= AGREEMENT[side.arithmetic]:
            raise SideFailed(f"the cosine between its logits and those of sure in fp32 is {cosine:.5f}")
    except SideFailed as failed:
        side.failure = str(failed)
        print(f"bench: {side.name}: {failed}", file=sys.stderr)
    return not side.failure


def answers(side: Side, clips: list[Path]) -> list[float]:
    """The logits of all clips in a row."""
    answering = Answering(side)
    logits = [value for clip in clips for value in answering.hear(clip)]
    answering.close()
    return logits


def take_turns(group: list[Side], clips: list[Path]) -> None:
    """One round: one after another starts and answers the first clip; the others they hear in turns."""
    running = []
    for side in group:
        start = time.perf_counter()
        running.append(Answering(side))
        running[-1].hear(clips[0])
        side.starts.append(time.perf_counter() - start)
    begun = [cpu_seconds(answering.process) for answering in running]
    for clip in clips[1:]:
        for side, answering in zip(group, running, strict=True):
            start = time.perf_counter()
            answering.hear(clip)
            side.turns.append(time.perf_counter() - start)
    for side, answering, before in zip(group, running, begun, strict=True):
        side.cpu_seconds.append(cpu_seconds(answering.process) - before)
        side.peak_gib = max(side.peak_gib, answering.close())
