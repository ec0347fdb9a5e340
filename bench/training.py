"""Training steps beside transformers + PEFT, the same random weights on both sides.

Every side is a process that makes a turn, a step on each batch, whenever it is asked. The sides of a case take turns,
so that a change of the machine's speed meets all of them.
"""

import argparse
import statistics
import sys
from pathlib import Path

from cases import CACHE, FIXED, can_quantise, make_model, read_config, real_batches, step_flops, with_mask
from processes import Running, Side, SideFailed
from tables import number, table

LENGTHS = ["fixed", "real"]
STEPS = 3
# Freed memory stays in the process, so that no step has to fault its pages in again.
KEEP_MEMORY = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**36), "MALLOC_TOP_PAD_": str(2**26)}


NOTE = """ratio: of this side's time to that of the case's first row. Share of the GEMM peak: of what torch.mm reaches
here in the same arithmetic, for the arithmetic that a step needs at least (bench/cases.py). fixed: 8 clips of 2.5 s.
real: LibriSpeech's, three batches of up to 32 padded seconds with an attention mask; s/step is their mean. Cached: the
step starts from the encoder's kept input, as with --cache memory after the first epoch; a dropout below it forbids
that, and this row has none at all. int8: bf16, but the encoder's frozen linear layers in 8 bits; its share is of bf16's
peak. CUDA graph: a step's launches are recorded once, as sure train does by itself where clips are of one length. The
peer at its strongest: front-end without gradients, no dropout, torch.compile for each shape, malloc that keeps its
memory; so the rows of sure without dropout are those to hold against it."""


def sides(fast: str, cacheable: bool, graphable: bool, quantisable: bool) -> list[Side]:
    """The first is what the others are compared with. `fast`: the arithmetic that suits the machine."""
    without_dropout = Side(f"sure {fast}, no dropout", fast, True, ["--dropout", "0"])
    ours = [Side(f"sure {fast}", fast, True), without_dropout]
    if cacheable:
        ours.append(Side(f"sure {fast}, cached, no dropout", fast, True, [*without_dropout.flags, "--cache"]))
    if quantisable:
        in_8_bits = [*without_dropout.flags, "--int8"]
        ours.append(Side("sure int8, no dropout", fast, True, in_8_bits))
        if cacheable:
            ours.append(Side("sure int8, cached, no dropout", fast, True, [*in_8_bits, "--cache"]))
    if graphable:
        ours.append(Side(f"sure {fast}, CUDA graph, no dropout", fast, True, [*without_dropout.flags, "--graph"]))
    peers = [Side("peer as documented, fp32", "fp32", False)]
    if fast == "bf16":
        ours.append(Side("sure fp32", "fp32", True))
        peers.append(Side("peer, bf16 autocast", "bf16", False))
    peers.append(Side(f"peer at its strongest, {fast}", fast, False, ["--strongest"], KEEP_MEMORY))
    return ours + peers


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
        self.turns.append(self.running.turn()["seconds"])

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
    return [everyone] if size != "large" else [[everyone[0], other] for other in everyone[1:]]


def step_flags(size: str, method: str, lengths: str, batches: list[list[int]]) -> list[str]:
    if lengths == "fixed":
        shape = ["--batch", str(len(batches[0])), "--samples", str(batches[0][0])]
        return ["--model", str(make_model(size)), "--method", method, *shape]
    file = CACHE / "lengths.txt"
    file.write_text("".join(" ".join(map(str, clips)) + "\n" for clips in batches))
    return ["--model", str(with_mask(make_model(size))), "--method", method, "--lengths", str(file)]


def row_of(result: Result, first: Result, batches: list[list[int]], flops: float) -> dict:
    """Seconds are of a step: the mean over the batches of a turn."""
    row = {"side": result.side.name, "dtype": result.side.dtype, "trained": result.trained, "failure": result.failure}
    if result.failure:
        return row
    median = statistics.median(result.turns)
    seconds = median / len(batches)
    row |= {"seconds": seconds, "turns": result.turns, "peak_gib": result.peak_gib}
    row["gflops"] = flops / seconds / 1e9
    row["ratio"] = None if first.failure else median / statistics.median(first.turns)
    return row


def compare(size: str, method: str, lengths: str, args: argparse.Namespace) -> list[dict]:
    """A row for each side; none where the recordings of real lengths are absent."""
    batches = FIXED if lengths == "fixed" else real_batches()
    if not batches:
        print("bench: no ../shared/data/LibriSpeech: the case of real lengths is left out", file=sys.stderr)
        return []
    flags = [*step_flags(size, method, lengths, batches), "--device", args.device]
    config = read_config(make_model(size))
    steps = args.steps or STEPS
    turns = steps if len(batches) == 1 else max(1, 2 * steps // len(batches))
    # The projection trains with finetune; with real lengths the front-end sees the padding that a clip meets.
    cacheable = method != "finetune" and lengths == "fixed"
    graphable = args.device == "cuda" and lengths == "fixed"
    quantisable = args.device == "cpu" and can_quantise(method)
    rows = []
    for group in groups(sides(args.fast, cacheable, graphable, quantisable), size):
        results = [Result(side) for side in group]
        print(f"bench: {size}, {method}, {lengths} lengths: {'; '.join(side.name for side in group)}", file=sys.stderr)
        take_turns(results, turns, args.program, flags)
        for result in results[1:] if rows else results:
            flops = step_flops(config, method, batches, cached="--cache" in result.side.flags)
            rows.append(row_of(result, results[0], batches, flops))
    return [{"size": size, "method": method, "lengths": lengths, **row} for row in rows]


def measure(args: argparse.Namespace) -> list[dict]:
    """Without --lengths, all methods on fixed ones, and real ones once."""
    return [
        row
        for lengths in args.lengths or LENGTHS
        for size in args.sizes
        for method in (args.methods if args.lengths or lengths == "fixed" else args.methods[:1])
        for row in compare(size, method, lengths, args)
    ]


def cells(row: dict, peaks: dict[str, float]) -> list[str]:
    names = [f"{row['size']}, {row['method']}, {row['lengths']}", row["side"]]
    if row["failure"]:
        return [*names, f"failed: {row['failure']}", "–", "–", "–"]
    share = f"{100 * row['gflops'] / peaks[row['dtype']]:.0f} %"
    seconds = number(row["seconds"], 2 if row["seconds"] >= 0.1 else 4)
    return [*names, seconds, number(row["ratio"]), number(row["peak_gib"]), share]


def report(rows: list[dict], peaks: dict[str, float]) -> str:
    numbers = ["s/step", "ratio", "peak GiB", "share of GEMM peak"]
    return f"{table(['case', 'side'], numbers, [cells(row, peaks) for row in rows])}\n\n{NOTE}"


def faults(rows: list[dict]) -> list[str]:
    """Cases whose sides train different numbers of parameters."""
    counts: dict[tuple, set[int]] = {}
    for row in rows:
        if row["trained"]:
            counts.setdefault((row["size"], row["method"]), set()).add(row["trained"])
    return [
        f"{size}, {method}: the sides train different numbers of parameters: {found}"
        for (size, method), found in counts.items()
        if len(found) > 1
    ]
