"""The library by its public header: a program on it says what `sure predict` says."""

import subprocess

import pytest

from programs import program


@pytest.fixture(scope="module")
def example():
    return program("SURE_EXAMPLE", "tests/example_predict")


@pytest.fixture(scope="module")
def on_shipped_model(sure, tones, tmp_path_factory):
    """An adapter of a short run on the model that ships."""
    folder = tmp_path_factory.mktemp("run") / "shipped"
    sure("train", "--dataset", "folder", "--data_dir", tones, "--max_samples", 3200, "--max_steps", 2, "-o", folder)
    return folder / "best_model"


def test_a_program_on_the_library_predicts_as_the_command_line(sure, example, on_shipped_model, tones):
    clip = next(iter(sorted(tones.rglob("*.wav"))))
    ours = subprocess.run([example, on_shipped_model, clip], capture_output=True, text=True, timeout=120)
    assert ours.returncode == 0 and ours.stderr == "", ours.stderr
    assert ours.stdout == sure("predict", "--adapter", on_shipped_model, clip).stdout.split("\t", 1)[1]


def test_what_is_wrong_comes_as_an_exception(example, on_shipped_model, tmp_path):
    (tmp_path / "clip.wav").write_text("no sound")
    for arguments, word in (([tmp_path, "clip.wav"], str(tmp_path)), ([on_shipped_model, tmp_path / "clip.wav"], "clip.wav")):
        done = subprocess.run([example, *arguments], capture_output=True, text=True, timeout=120)
        assert done.returncode == 1 and done.stdout == "" and done.stderr.count("\n") == 1
        assert word in done.stderr
