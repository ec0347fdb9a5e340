"""Training steps of one case: every side is a process that makes a turn, a step on each batch, whenever it is asked.

The sides take turns, so that a change of the machine's speed meets all of them.
"""

import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from cases import CACHE, FIXED, ROOT, make_model, read_config, real_batches, step_flops, with_mask

WARM_UP = 1
COMPILED_WARM_UP = 2  # the compiler looks at the shapes of the second turn again
# Freed memory stays in the process, so that no step has to fault its pages in again.
KEEP_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**36), "MALLOC_TOP_PAD_": str(2**26)}


@dataclass
class Side:
    """How one side is started."""

    name: str
    dtype: str
    ours: bool
    flags: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def warm_up(self) -> int:
        return COMPILED_WARM_UP if "--strongest" in self.flags else WARM_UP


def sides(fast: str) -> list[Side]:
    """The first is what the others are compared with. `fast`: the arithmetic that suits the machine."""
    ours = [Side(f"sure {fast}", fast, True), Side(f"sure {fast}, no dropout", fast, True, ["--dropout", "0"])]
    peers = [Side("peer as documented, fp32", "fp32", False)]
    if fast == "bf16":
        ours.append(Side("sure fp32", "fp32", True))
        peers.append(Side("peer, bf16 autocast", "bf16", False))
    peers.append(Side(f"peer at its strongest, {fast}", fast, False, ["--strongest"], KEEP_MEMORY))
    return ours + peers


class SideFailed(Exception):
    """A side that ended early; the message says why."""


class Running:
    """A side's process."""

    def __init__(self, side: Side, program: Path, case_flags: list[str]):
        peer = [sys.executable, "-W", "ignore", str(ROOT / "bench" / "peer_step.py")]
        command = [*([str(program)] if side.ours else peer), *case_flags, "--dtype", side.dtype, *side.flags]
        environment = os.environ | side.environment
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen(command, env=environment, text=True, **pipes)
        self.trained = self.read()["trained"]

    def read(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            status = self.process.wait()
            raise SideFailed("killed: out of memory?" if status == -9 else f"ended early, exit status {status}")
        answer = json.loads(line)
        if "error" in answer:
            raise SideFailed(answer["error"])
        return answer

    def turn(self) -> float:
        """Seconds of a step on each batch."""
        try:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # read says what became of it
        return self.read()["seconds"]

    def peak_gib(self) -> float:
        """Ends the process."""
        self.process.stdin.close()
        peak = self.read()["peak_gib"]
        self.process.wait()
        return peak


class Result:
    """What is measured of one side, in one case."""

    def __init__(self, side: Side):
        self.side = side
        self.turns: list[float] = []
        self.peak_gib = 0.0
        self.trained = 0
        self.failure = ""
        self.running: Running | None = None

    def attempt(self, action) -> None:
        if self.failure:
            return
        try:
            action()
        except SideFailed as failed:
            self.failure = str(failed)
            print(f"bench: {self.side.name}: {failed}", file=sys.stderr)

    def start(self, program: Path, case_flags: list[str]) -> None:
        self.running = Running(self.side, program, case_flags)
        self.trained = self.running.trained
        for _ in range(self.side.warm_up):
            self.running.turn()

    def time(self) -> None:
        self.turns.append(self.running.turn())

    def close(self) -> None:
        self.peak_gib = max(self.peak_gib, self.running.peak_gib())


def take_turns(group: list[Result], count: int, program: Path, case_flags: list[str]) -> None:
    for result in group:
        result.attempt(lambda: result.start(program, case_flags))
    for _ in range(count):
        for result in group:
            result.attempt(result.time)
    for result in group:
        result.attempt(result.close)


def groups(everyone: list[Side], size: str) -> list[list[Side]]:
    """Who is alive together: everyone, or with the large model, which would not fit, each one with the first."""
    return [everyone] if size == "base" else [[everyone[0], other] for other in everyone[1:]]


def step_flags(size: str, method: str, lengths: str, batches: list[list[int]]) -> list[str]:
    if lengths == "fixed":
        shape = ["--batch", str(len(batches[0])), "--samples", str(batches[0][0])]
        return ["--model", str(make_model(size)), "--method", method, *shape]
    file = CACHE / "lengths.txt"
    file.write_text("".join(" ".join(map(str, clips)) + "\n" for clips in batches))
    return ["--model", str(with_mask(make_model(size))), "--method", method, "--lengths", str(file)]


def row_of(result: Result, first: Result, batches: list[list[int]], flops: float | None) -> dict:
    """Seconds are of a step: the mean over the batches of a turn."""
    row = {"side": result.side.name, "dtype": result.side.dtype, "trained": result.trained, "failure": result.failure}
    if result.failure:
        return row
    median = statistics.median(result.turns)
    seconds = median / len(batches)
    row |= {"seconds": seconds, "turns": result.turns, "peak_gib": result.peak_gib}
    row["gflops"] = flops and flops / seconds / 1e9
    row["ratio"] = None if first.failure else median / statistics.median(first.turns)
    return row


def compare(size: str, method: str, lengths: str, fast: str, steps: int, program: Path) -> list[dict]:
    """A row for each side; none where the recordings of real lengths are absent."""
    batches = FIXED if lengths == "fixed" else real_batches()
    if not batches:
        print("bench: no ../shared/data/LibriSpeech: the case of real lengths is left out", file=sys.stderr)
        return []
    flags = step_flags(size, method, lengths, batches)
    flops = step_flops(read_config(make_model(size)), method, batches)
    turns = steps if len(batches) == 1 else max(1, 2 * steps // len(batches))
    rows = []
    for group in groups(sides(fast), size):
        results = [Result(side) for side in group]
        print(f"bench: {size}, {method}, {lengths} lengths: {'; '.join(side.name for side in group)}", file=sys.stderr)
        take_turns(results, turns, program, flags)
        rows += [row_of(result, results[0], batches, flops) for result in (results[1:] if rows else results)]
    return [{"size": size, "method": method, "lengths": lengths, **row} for row in rows]
