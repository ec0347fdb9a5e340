"""A recogniser with random weights that says many words of what it hears, and sound that makes it talk."""

import json

import numpy
import soundfile

from cli.conftest import RATE
from tiny_models import make_tiny_ctc

TOKENS = ["<pad>", "<s>", "</s>", "<unk>", "|", *"abcdefg"]


def make_talker(sure, tiny, folder):
    """The folder of an adapter that is the checkpoint itself."""
    model = make_tiny_ctc(tiny, folder / "model", TOKENS)
    clip = write_babble(folder / "clip.wav", seconds=1)
    rows = [json.dumps({"path": clip.name, "text": "abc", "split": split}) for split in ("train", "valid")]
    (folder / "clips.jsonl").write_text("\n".join(rows) + "\n")
    sure(
        *("train", "--dataset", "manifest", "--data_dir", folder / "clips.jsonl", "--task", "asr", "--method", "head"),
        *("--model", model.path, "--vocab", "model", "--learning_rate", 1e-30, "--max_steps", 1),
        *("--evaluation_strategy", "no", "--do_predict", "False", "--output_dir", folder / "run"),
    )
    return folder / "run" / "best_model"


def write_babble(path, seconds, rate=RATE, channels=1):
    """Tones that change ten times a second, in noise."""
    random = numpy.random.default_rng(seconds)
    time = numpy.arange(rate // 10) / rate
    parts = [numpy.sin(2 * numpy.pi * pitch * time) for pitch in random.uniform(100, 2000, size=10 * seconds)]
    samples = 0.3 * numpy.concatenate(parts) + 0.05 * random.normal(size=len(parts) * time.size)
    if channels > 1:
        samples = numpy.stack([samples] * channels, axis=1)
    soundfile.write(path, samples.astype("float32"), rate)
    return path
