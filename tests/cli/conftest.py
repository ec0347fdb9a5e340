"""Data sets in miniature, made of short tones, and ways to run `sure` that may fail."""

import fcntl
import os
import struct
import subprocess
import termios
import zlib

import numpy
import pytest
import soundfile

# Models this small are slower on several threads, by far so on a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")

RATE = 16000  # Hz
EMOTIONS = ["Angry", "Happy", "Neutral", "Surprise", "Sad"]
LABELS = ["high", "low", "mid"]
PITCHES = dict(zip(LABELS, (1500.0, 200.0, 600.0)))  # Hz
# Clips are cut short, so that a step takes milliseconds.
SMALL = ["--model", "random-tiny", "--max_samples", 3200, "--per_device_train_batch_size", 4, "--per_device_eval_batch_size", 4]


def write_tone(path, pitch, seconds=0.25):
    """A tone in a little noise; the noise depends on the file's name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = numpy.random.default_rng(zlib.crc32(path.name.encode())).normal(size=int(seconds * RATE))
    samples = 0.3 * numpy.sin(2 * numpy.pi * pitch * numpy.arange(noise.size) / RATE) + 0.01 * noise
    soundfile.write(path, samples.astype("float32"), RATE)
    return path


def check_refused(done, code, *words):
    """One line on standard error, of ours, that holds the words; the exit code; nothing of a crash."""
    assert done.returncode == code, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert done.stderr.startswith("sure: ") and done.stderr.count("\n") == 1, done.stderr
    for word in words:
        assert str(word) in done.stderr, done.stderr


def shown_on_terminal(command, columns=80):
    """What the command, which must succeed, prints where its standard output is a terminal so wide."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(list(map(str, command)), stdout=theirs, stderr=subprocess.PIPE)
    os.close(theirs)
    text = b""
    try:
        while chunk := os.read(ours, 65536):
            text += chunk
    except OSError:  # the other end is closed
        pass
    assert process.wait() == 0, process.stderr.read()
    return text.decode()


@pytest.fixture(scope="session")
def attempt(sure_path):
    """Runs `sure ARGS…`, which may fail, and returns the finished process."""

    def run(*args, **options):
        command = [str(sure_path), *map(str, args)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)

    return run


@pytest.fixture(scope="session")
def esd(tmp_path_factory):
    """ESD's layout: 2 speakers, 5 emotions, 2 training clips of each, 1 to validate, 1 to test."""
    root = tmp_path_factory.mktemp("esd")
    for speaker in ("0011", "0012"):
        for index, emotion in enumerate(EMOTIONS):
            for part, clips in (("train", 2), ("evaluation", 1), ("test", 1)):
                for clip in range(clips):
                    write_tone(root / speaker / emotion / part / f"{speaker}_{part}_{clip}.wav", 150.0 * 2**index)
    return root


@pytest.fixture(scope="session")
def tones(tmp_path_factory):
    """The `folder` layout, three classes."""
    root = tmp_path_factory.mktemp("tones")
    for label, pitch in PITCHES.items():
        for part, clips in (("train", 4), ("valid", 2), ("test", 2)):
            for clip in range(clips):
                write_tone(root / part / label / f"{part}{clip}.wav", pitch)
    return root


@pytest.fixture(scope="session")
def on_tones(tones):
    """The flags that name this data set and keep a run short."""
    return ["--dataset", "folder", "--data_dir", tones, *SMALL]


@pytest.fixture(scope="session")
def lora(sure, on_tones, tmp_path_factory):
    """The output folder of a short LoRA run on the tones."""
    folder = tmp_path_factory.mktemp("run") / "lora"
    sure("train", *on_tones, "--method", "lora", "--max_steps", 6, "--output_dir", folder)
    return folder
