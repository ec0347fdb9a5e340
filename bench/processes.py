"""Processes that the benchmark starts: a side of training steps, which waits for its turns, and what runs at once.

Linux counts in a process' peak memory what its parent had resident, so torch is never imported in this one.
"""

import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WARM_UP = 1
COMPILED_WARM_UP = 2  # the compiler looks at the shapes of the second turn again


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


class SideFailed(Exception):
    """A side that ended early; the message says why."""


def cpu_seconds(process: subprocess.Popen) -> float:
    """What its threads have computed or spun, without the kernel's work for them."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) / os.sysconf("SC_CLK_TCK")  # utime


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

    def turn(self) -> dict:
        """A step on each batch: their seconds together, and the loss before each."""
        try:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # read says what became of it
        return self.read()

    def peak_gib(self) -> float:
        """Ends the process."""
        self.process.stdin.close()
        peak = self.read()["peak_gib"]
        self.process.wait()
        return peak


def call(*command: str | Path) -> None:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: {command[0]} {command[1]}: {done.stderr.strip()}")


def apart(function: Callable, *arguments):
    """What the function returns, called in a process of its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()
