"""Loss curves on real clips: sure in both arithmetics and transformers + PEFT, same weights, same batches.

Spoken digits, which of five people speaks: 200 steps of a small model without dropout. The picture is docs/curves.svg.
"""

import argparse
import random
import sys
import warnings
from pathlib import Path

import plot
from cases import CACHE, DIGITS, RATE, ROOT, make_model
from processes import Running, Side, apart
from tables import number, table

STEPS = 200
BATCH = 8
SAMPLES = RATE
LEARNING_RATE = 1e-3
WINDOW = 20  # steps of the moving average
TOLERANCE = 0.01  # between moving averages
NOTE = f"""Differences between moving averages over {WINDOW} steps of the loss, in nats; first and last: those averages
of the first side."""


def write_clips(file: Path, steps: int) -> bool:
    """`steps` batches of normalised clips, cut or padded to a second, labelled by speaker. False: no recordings."""
    import numpy
    import soundfile
    from safetensors.numpy import save_file
    from scipy.signal import resample_poly

    recordings = sorted(DIGITS.glob("recordings/*"))
    if not recordings:
        return False
    speakers = sorted({path.stem.split("_")[1] for path in recordings})
    random.Random(1314).shuffle(recordings)
    audio = numpy.zeros((steps, BATCH, SAMPLES), numpy.float32)
    labels = numpy.zeros((steps, BATCH), numpy.int64)
    for i in range(steps * BATCH):
        path = recordings[i % len(recordings)]
        samples, rate = soundfile.read(path)
        clip = resample_poly(samples, RATE, rate)[:SAMPLES]
        audio[i // BATCH, i % BATCH, : len(clip)] = (clip - clip.mean()) / clip.std()
        labels[i // BATCH, i % BATCH] = speakers.index(path.stem.split("_")[1])
    save_file({"audio": audio, "labels": labels}, file)
    return True


def our_losses(side: Side, program: Path, flags: list[str]) -> list[float]:
    running = Running(side, program, flags)
    losses = running.turn()["losses"]
    running.peak_gib()
    return losses


def peer_losses(model: Path, method: str, clips: Path, initial: Path) -> list[float]:
    """The model and the methods are those that the parity tests compare with."""
    sys.path.append(str(ROOT / "tests"))
    warnings.simplefilter("ignore")
    import torch
    from parity.adapters import Reference
    from peer_step import DROPOUTS, LABELS
    from safetensors.torch import load_file
    from transformers import Wav2Vec2ForSequenceClassification
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    settings = dict.fromkeys(DROPOUTS, 0.0)
    classifier = Wav2Vec2ForSequenceClassification.from_pretrained(model, num_labels=LABELS, **settings)
    reference = Reference(classifier, method, **({"freeze_front_end": True} if method == "finetune" else {}))
    start = load_file(initial)
    if start.keys() != reference.trained.keys():
        sys.exit(f"bench: {method}: the sides train different parameters: {start.keys() ^ reference.trained.keys()}")
    with torch.no_grad():
        for name, parameter in reference.trained.items():
            parameter.copy_(start[name])
    trained = list(reference.trained.values())
    optimizer = torch.optim.AdamW(trained, lr=LEARNING_RATE, weight_decay=0.0)
    batches = load_file(clips)
    losses = []
    for audio, labels in zip(batches["audio"], batches["labels"], strict=True):
        optimizer.zero_grad()
        loss = reference.forward(audio, labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses


def averages(losses: list[float]) -> list[float]:
    window = min(WINDOW, len(losses))
    return [sum(losses[i : i + window]) / window for i in range(len(losses) - window + 1)]


def compare(method: str, args: argparse.Namespace, clips: Path) -> dict:
    model, initial = make_model("small"), CACHE / "initial.safetensors"
    flags = ["--model", str(model), "--method", method, "--clips", str(clips), "--initial", str(initial)]
    flags += ["--dropout", "0", "--learning_rate", str(LEARNING_RATE)]
    losses = {}
    for dtype in dict.fromkeys(["fp32", args.fast]):
        print(f"bench: {method}: the loss curve of sure {dtype}", file=sys.stderr)
        losses[f"sure {dtype}"] = our_losses(Side(f"sure {dtype}", dtype, True), args.program, flags)
    print(f"bench: {method}: the loss curve of the peer", file=sys.stderr)
    losses["peer, fp32"] = apart(peer_losses, model, method, clips, initial)
    return {"method": method, "losses": losses}


def measure(args: argparse.Namespace) -> list[dict]:
    clips = CACHE / "clips.safetensors"
    if not apart(write_clips, clips, args.steps or STEPS):
        print(f"bench: no recordings in {DIGITS}: the loss curves are left out", file=sys.stderr)
        return []
    rows = [compare(method, args, clips) for method in args.methods]
    (args.docs / "curves.svg").write_text(picture(rows))
    return rows


def differences(row: dict) -> list[tuple[str, list[float]]]:
    """Of each side after the first: step by step, how far its moving average is from the first one's."""
    (_, first), *others = ((name, averages(losses)) for name, losses in row["losses"].items())
    return [(name, [abs(a - b) for a, b in zip(first, other, strict=True)]) for name, other in others]


def report(rows: list[dict], _) -> str:
    cells = []
    for row in rows:
        first_name, first = next(iter(row["losses"].items()))
        average = averages(first)
        for name, apart in differences(row):
            numbers = [average[0], average[-1], max(apart), sum(apart) / len(apart)]
            cells.append([row["method"], f"{first_name}, {name}", *(number(value, 4) for value in numbers)])
    columns = ["first", "last", "largest difference", "mean difference"]
    return f"{table(['method', 'sides'], columns, cells)}\n\n{NOTE}"


def faults(rows: list[dict]) -> list[str]:
    return [
        f"{row['method']}: the loss curve of {name} is up to {max(apart):.3f} from that of the first side"
        for row in rows
        for name, apart in differences(row)
        if max(apart) > TOLERANCE
    ]


def picture(rows: list[dict]) -> str:
    panels = [
        plot.Panel(
            f"{row['method']}: loss",
            f"step (mean of {WINDOW})",
            [plot.Line(name, list(enumerate(averages(losses)))) for name, losses in row["losses"].items()],
        )
        for row in rows
    ]
    return plot.svg(panels, columns=len(panels))
