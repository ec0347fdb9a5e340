"""The library by its public header: a program on it says what `sure predict` says. And what is installed of both."""

import subprocess

import pytest

from programs import ROOT, program


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


def install(sure_path, component, prefix):
    subprocess.run(["cmake", "--install", sure_path.parent, "--component", component, "--prefix", prefix], check=True, timeout=600)


def test_an_installed_program_finds_its_model_from_anywhere(sure_path, tmp_path):
    install(sure_path, "program", tmp_path / "usr")
    done = subprocess.run([tmp_path / "usr" / "bin" / "sure", "inspect", "--method", "lora"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_project_builds_on_the_installed_package(sure_path, on_shipped_model, tones, tmp_path):
    install(sure_path, "library", tmp_path / "usr")
    build = tmp_path / "build"
    for step in (["-S", ROOT / "examples", "-B", build, f"-DCMAKE_PREFIX_PATH={tmp_path / 'usr'}"], ["--build", build]):
        done = subprocess.run(["cmake", *step], capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stdout + done.stderr
    clip = next(iter(sorted(tones.rglob("*.wav"))))
    done = subprocess.run([build / "predict", on_shipped_model, clip], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.count("\n") == 1, done.stderr
