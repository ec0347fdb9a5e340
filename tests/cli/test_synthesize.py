"""`sure synthesize` with a SpeechT5 of random weights: what it writes, and what it refuses."""

import json
import pathlib
import shutil
import subprocess

import numpy as np
import pytest
import soundfile

from cli.conftest import check_refused
from tiny_models import make_tiny_speecht5

TEXT = "Hello there. Is it 5 o'clock?"


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    """A model's folder with a speaker beside it."""
    folder = tmp_path_factory.mktemp("speecht5")
    make_tiny_speecht5(folder)
    np.save(folder / "voice.npy", np.random.default_rng(1).standard_normal((1, 16)).astype("float32"))
    return folder


@pytest.fixture
def command(voice):
    """Flags of a call that works, after changes by name; None leaves a flag out."""

    def flags(**changes):
        usual = {
            "model": voice,
            "vocoder": voice / "vocoder",
            "speaker": voice / "voice.npy",
            "text": TEXT,
            "max_frames": 2,
        }
        pairs = [(f"--{name}", value) for name, value in (usual | changes).items() if value is not None]
        return ["synthesize", *(part for pair in pairs for part in pair)]

    return flags


def test_writes_speech(sure, command, tmp_path):
    done = sure(*command(output=tmp_path / "a.wav"), "--json")
    report = json.loads(done.stdout)
    samples, rate = soundfile.read(tmp_path / "a.wav")
    assert rate == 16000 and report["sentences"] == 2
    assert len(samples) == round(report["speech_seconds"] * rate) > 256
    assert report["real_time_factor"] > 0


def test_the_seed_says_how(sure, command, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        sure(*command(output=tmp_path / f"{name}.wav", seed=seed))
    a, b, c = ((tmp_path / f"{name}.wav").read_bytes() for name in "abc")
    assert a == b and a != c


@pytest.mark.parametrize("name", ["a.flac", "a.ogg"])
def test_other_formats(sure, command, tmp_path, name):
    sure(*command(output=tmp_path / name))
    assert len(soundfile.read(tmp_path / name)[0]) > 256


def test_standard_output(sure_path, command, sure, tmp_path):
    sure(*command(output=tmp_path / "a.wav"))
    done = subprocess.run([sure_path, *map(str, command(output="-", text=None))], input=TEXT.encode(), capture_output=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout[:4] == b"RIFF"
    samples = np.frombuffer(done.stdout[44:], dtype="<i2")
    expected = soundfile.read(tmp_path / "a.wav", dtype="int16")[0]
    assert len(samples) == len(expected)
    assert np.abs(samples.astype(int) - expected).max() <= 1
    assert b"real-time factor" in done.stderr


def test_griffin_lim_needs_no_weights(sure, command, tmp_path):
    sure(*command(output=tmp_path / "a.wav", vocoder="griffin-lim"))
    assert len(soundfile.read(tmp_path / "a.wav")[0]) > 256


def test_a_long_text_is_cut_into_sentences(sure, command, tmp_path):
    done = sure(*command(output=tmp_path / "a.wav", text="never " * 400, max_frames=1), "--json")
    assert json.loads(done.stdout)["sentences"] >= 8


@pytest.mark.parametrize("text", ["", "  \n ", "... !?", "—"])
def test_nothing_to_say(attempt, command, tmp_path, text):
    (tmp_path / "text").write_text(text)
    done = attempt(*command(output=tmp_path / "a.wav", text=None, text_file=tmp_path / "text"))
    check_refused(done, 1, "nothing to say")
    assert not (tmp_path / "a.wav").exists()


def bad_speaker(folder, array):
    np.save(folder / "bad.npy", array)
    return folder / "bad.npy"


REFUSED = {
    "other_width": (dict(speaker=np.ones(20, "float32")), "expected one x-vector of 16"),
    "nan": (dict(speaker=np.full(16, np.nan, "float32")), "not finite"),
    "zeros": (dict(speaker=np.zeros(16, "float32")), "nobody's voice"),
    "integers": (dict(speaker=np.ones(16, "int32")), "astype"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_speakers_that_are_none(attempt, command, tmp_path, name):
    changes, words = REFUSED[name]
    changes = {"speaker": bad_speaker(tmp_path, changes["speaker"])}
    done = attempt(*command(output=tmp_path / "a.wav", **changes))
    check_refused(done, 1, "bad.npy", words)
    assert list(tmp_path.glob("*.wav*")) == []


def test_flags_that_are_missing_or_wrong(attempt, command, tmp_path):
    output = tmp_path / "a.wav"
    check_refused(attempt(*command(output=output, speaker=None)), 2, "--speaker", "16 numbers")
    check_refused(attempt(*command(output=None)), 2, "output")
    check_refused(attempt(*command(output=tmp_path / "a.mp3")), 2, ".wav, .flac or .ogg")
    check_refused(attempt(*command(output=output, max_frames=0)), 2, "max_frames")
    check_refused(attempt(*command(output=output, text_file="x")), 2, "leave one out")
    check_refused(attempt(*command(output=output, vocoder=tmp_path / "none")), 1, "no such vocoder")


def test_a_vocoder_of_other_spectrograms(attempt, command, voice, tmp_path):
    other = shutil.copytree(voice / "vocoder", tmp_path / "other")
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps(config | {"sampling_rate": 22050}))
    check_refused(attempt(*command(output=tmp_path / "a.wav", vocoder=other)), 1, "other spectrograms", "22050 Hz")


def test_a_folder_of_another_model(attempt, command, voice, tmp_path):
    check_refused(attempt(*command(output=tmp_path / "a.wav", model=voice / "vocoder")), 1, "speaks nothing")


def test_characters_that_the_model_lacks(sure, command, tmp_path):
    done = sure(*command(output=tmp_path / "a.wav", text="Hello 好."))
    assert "does not know these characters" in done.stderr and "好" in done.stderr


def test_refuses_a_model_without_weights(attempt, command, tmp_path):
    folder = pathlib.Path(__file__).parents[2] / "models/fastspeech2"
    done = attempt(*command(model=folder, vocoder=None, output=tmp_path / "x.wav"))
    check_refused(done, 1, "models/fastspeech2", "no weights")
    assert not list(tmp_path.iterdir())
