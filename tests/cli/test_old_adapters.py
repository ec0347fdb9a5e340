"""Adapters written before the redesign of November 2026, one for each method and task, answer as they did then."""

import json
import pathlib

import numpy
import pytest
import soundfile

FOLDER = pathlib.Path(__file__).parent / "old_adapters"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
NAMES = sorted(EXPECTED)
TOLERANCE = 1e-4  # what was kept came from other kernels of other processors


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    """Two half seconds of two tones each."""
    folder = tmp_path_factory.mktemp("clips")
    time = numpy.arange(8000) / 16000
    for name, low, high in (("a.wav", 230, 1900), ("b.wav", 310, 2500)):
        tones = 0.3 * numpy.sin(2 * numpy.pi * low * time) + 0.2 * numpy.sin(2 * numpy.pi * high * time)
        soundfile.write(folder / name, tones, 16000)
    return [folder / "a.wav", folder / "b.wav"]


def adapter(name):
    return ["--adapter", FOLDER / name, "--model", FOLDER / "model", "--device", "cpu", "--bf16", "False"]


def test_every_method_and_task_is_there():
    assert {name.split("-")[1] for name in NAMES} >= {"finetune", "bottleneck", "prefix", "lora", "conv_adapter", "ia3", "bitfit", "head"}
    assert {name.split("-")[0] for name in NAMES} >= {"emotion", "speaker", "keyword", "intent", "slot", "asr", "phoneme", "verification", "classify"}


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("verification")])
def test_answers_are_the_same(sure, clips, name):
    answers = [json.loads(line) for line in sure("predict", *adapter(name), "--format", "jsonl", *clips).stdout.splitlines()]
    for answer, expected in zip(answers, EXPECTED[name], strict=True):
        for key in ("label", "text"):
            assert answer.get(key) == expected.get(key)
        assert answer.get("score", 0) == pytest.approx(expected.get("score", 0), rel=TOLERANCE)
        assert answer.get("probabilities", {}) == pytest.approx(expected.get("probabilities", {}), abs=TOLERANCE)


def test_voices_are_as_alike_as_they_were(sure, clips, tmp_path):
    (tmp_path / "pairs.txt").write_text(f"{clips[0]} {clips[1]}\n")
    done = sure("verify", *adapter("verification-lora"), "--trials", tmp_path / "pairs.txt")
    assert float(done.stdout.split()[2]) == pytest.approx(EXPECTED["verification-lora"], abs=TOLERANCE)
