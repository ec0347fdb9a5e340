"""Long recordings: chunks of a transcript, windows of labels, memory, what is cut."""

import csv
import difflib
import io
import json
import os
import subprocess

import numpy
import pytest
import soundfile

from cli.conftest import LABELS, PITCHES, RATE, check_refused
from cli.talker import make_talker, write_babble


@pytest.fixture(scope="module")
def talker(sure, tiny_model, tmp_path_factory):
    return make_talker(sure, tiny_model("wav2vec2_xlsr"), tmp_path_factory.mktemp("talker"))


@pytest.fixture(scope="module")
def long_tone(tmp_path_factory):
    """A second of each label in turn."""
    path = tmp_path_factory.mktemp("long") / "tone.wav"
    time = numpy.arange(RATE) / RATE
    seconds = [0.3 * numpy.sin(2 * numpy.pi * PITCHES[label] * time) for label in LABELS]
    noise = 0.01 * numpy.random.default_rng(0).normal(size=3 * RATE)
    soundfile.write(path, (numpy.concatenate(seconds) + noise).astype("float32"), RATE)
    return path


def transcript(sure, adapter, path, *flags):
    flags = ["--format", "jsonl", "--token_times", "True", *flags]
    return json.loads(sure("predict", "--adapter", adapter, *flags, path).stdout)


def check_same(found, expected):
    """Of random weights, whose likeliest letter is at times one of two alike."""
    said, truth = ([(t["token"], round(t["start"], 2)) for t in p["tokens"]] for p in (found, expected))
    assert len(truth) > 50
    assert difflib.SequenceMatcher(None, said, truth, autojunk=False).ratio() > 0.85
    assert found["words"][-1]["end"] == pytest.approx(expected["words"][-1]["end"], abs=0.5)


@pytest.mark.parametrize("decoder", ["greedy", "beam"])
def test_chunks_give_the_transcript_of_the_whole(sure, talker, tmp_path, decoder):
    path = write_babble(tmp_path / "a.wav", seconds=40)
    flags = ["--decoder", decoder, *(["--beam_width", 4] if decoder == "beam" else [])]
    whole = transcript(sure, talker, path, "--chunk", 0, *flags)
    check_same(transcript(sure, talker, path, "--chunk", 10, *flags), whole)


def test_other_rates_and_channels_in_chunks(sure, talker, tmp_path):
    path = write_babble(tmp_path / "a.flac", seconds=25, rate=44100, channels=2)
    check_same(transcript(sure, talker, path, "--chunk", 8), transcript(sure, talker, path, "--chunk", 0))


def peak_memory(sure_path, *arguments):
    """Of the finished process, in MB."""
    process = subprocess.Popen([sure_path, *map(str, arguments)], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    assert status == 0
    return usage.ru_maxrss / 1024


def test_memory_does_not_grow_with_the_recording(sure_path, talker, tmp_path):
    short, long = (write_babble(tmp_path / f"{s}.wav", seconds=s) for s in (12, 360))
    flags = ["predict", "--adapter", talker, "--chunk", 10]
    assert peak_memory(sure_path, *flags, long) < peak_memory(sure_path, *flags, short) + 30


def test_windows_are_labelled_as_clips_of_their_own(sure, lora, long_tone, tmp_path):
    flags = ["predict", "--adapter", lora / "best_model", "--format", "csv"]
    rows = list(csv.DictReader(io.StringIO(sure(*flags, "--window", 0.5, "--hop", 0.25, long_tone).stdout)))
    assert [(row["start"], row["end"]) for row in rows] == [
        (f"{0.25 * i:.3f}", f"{0.25 * i + 0.5:.3f}") for i in range(11)
    ]
    samples, _ = soundfile.read(long_tone, dtype="float32")
    for number in (0, 5, 10):
        start = int(float(rows[number]["start"]) * RATE)
        soundfile.write(tmp_path / "part.wav", samples[start : start + RATE // 2], RATE, subtype="FLOAT")
        alone = sure(*flags, "--max_samples", RATE // 2, tmp_path / "part.wav").stdout
        (part,) = csv.DictReader(io.StringIO(alone))
        assert part["label"] == rows[number]["label"]
        for label in LABELS:
            assert float(part[f"p:{label}"]) == pytest.approx(float(rows[number][f"p:{label}"]), abs=2e-3)


def test_windows_in_every_format(sure, lora, long_tone):
    flags = ["predict", "--adapter", lora / "best_model", "--window", 1]
    lines = [json.loads(line) for line in sure(*flags, "--format", "jsonl", long_tone).stdout.splitlines()]
    assert [(line["start"], line["end"]) for line in lines] == [(0, 1), (1, 2), (2, 3)]
    assert all(sum(line["probabilities"].values()) == pytest.approx(1) for line in lines)
    text = [line.split("\t") for line in sure(*flags, long_tone).stdout.splitlines()]
    assert [row[1:4] for row in text] == [[f"{i}.000", f"{i + 1}.000", lines[i]["label"]] for i in range(3)]


def test_what_is_cut_is_said_once(sure, lora, long_tone, tones):
    done = sure("predict", "--adapter", lora / "best_model", "--max_samples", 8000, long_tone, tones / "test")
    assert done.stderr.count("\n") == 1 and "cut to 0.5 s: 1 of 7 clips is longer" in done.stderr
    assert sure("predict", "--adapter", lora / "best_model", "--window", 1, long_tone).stderr == ""


@pytest.mark.parametrize(
    "flags, words",
    [
        (["--hop", 1], ["--hop", "--window"]),
        (["--window", "nan"], ["--window"]),
        (["--window", 0.01], ["--window", "at least"]),
        (["--chunk", -1], ["--chunk"]),
        (["--chunk", 0.01], ["--chunk"]),
        (["--batch_size", 0], ["--batch_size"]),
    ],
)
def test_options_that_make_no_sense(attempt, lora, long_tone, flags, words):
    check_refused(attempt("predict", "--adapter", lora / "best_model", *flags, long_tone), 2, *words)


def test_no_windows_of_transcripts(attempt, talker, tmp_path):
    path = write_babble(tmp_path / "a.wav", seconds=1)
    check_refused(attempt("predict", "--adapter", talker, "--window", 1, path), 2, "--window", "asr")
