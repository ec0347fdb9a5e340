"""Names that are not UTF-8, as old disks and archives have them: nothing is lost for their sake."""

import json
import os

import pytest
import soundfile

from cli.conftest import SMALL, check_refused, write_tone

LATIN = b"caf\xe9"


@pytest.fixture
def folder(tmp_path):
    """A folder whose own name is Latin-1, in bytes."""
    path = os.path.join(os.fsencode(tmp_path), LATIN)
    os.mkdir(path)
    return path


def test_folders_files_and_flags(attempt, sure_path, folder, tmp_path):
    for part in ("train", "test"):
        for label, pitch in (("a", 300.0), ("b", 900.0)):
            clip = write_tone(tmp_path / "clip.wav", pitch)
            os.makedirs(os.path.join(folder, part.encode(), label.encode()))
            os.rename(clip, os.path.join(folder, part.encode(), label.encode(), b"\xff.wav"))
    flags = ["--dataset", "folder", "--data_dir", folder, "--output_dir", os.path.join(folder, b"out")]
    few = ["--max_steps", 1, "--method", "head", "--do_eval", False]
    done = attempt_bytes(attempt, sure_path, "train", *flags, *few, *SMALL)
    assert done.returncode == 0, done.stderr
    results = json.loads(open(os.path.join(folder, b"out", b"results.json")).read())
    assert any("\ufffd.wav" in note for note in results["notes"])  # the test clips are training clips
    done = attempt_bytes(attempt, sure_path, "predict", "--adapter", os.path.join(folder, b"out"), folder)
    assert done.returncode == 0 and done.stdout.count("\n") == 4, done.stderr


def test_a_label_is_refused(attempt, folder, tmp_path):
    os.mkdir(os.path.join(folder, LATIN))
    clip = os.path.join(folder, LATIN, b"1.wav")
    os.rename(write_tone(tmp_path / "1.wav", 300.0), clip)
    done = attempt("train", "--dataset", "folder", "--data_dir", os.fsdecode(folder), "--output_dir", tmp_path / "out", *SMALL)
    check_refused(done, 1, "caf\\xe9", "not UTF-8; rename")


def attempt_bytes(attempt, sure_path, *arguments):
    return attempt(*(os.fsdecode(a) if isinstance(a, bytes) else a for a in arguments))
