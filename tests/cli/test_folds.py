"""Cross-validation in one command."""

import json
import os
import signal
import statistics
import subprocess
import time

import pytest

from cli.conftest import PITCHES, SMALL, check_refused, write_tone

SPEAKERS = ["ann", "bob", "cid"]


@pytest.fixture(scope="module")
def spoken(tmp_path_factory):
    """A manifest: three speakers, three labels, two clips of each; no splits."""
    root = tmp_path_factory.mktemp("spoken")
    rows = ["path,label,speaker"]
    for speaker in SPEAKERS:
        for label, pitch in PITCHES.items():
            for take in range(2):
                clip = write_tone(root / f"{speaker}_{label}_{take}.wav", pitch)
                rows.append(f"{clip.name},{label},{speaker}")
    (root / "clips.csv").write_text("\n".join(rows) + "\n")
    return root / "clips.csv"


@pytest.fixture
def folds(spoken, tmp_path):
    """The command without --folds' value."""
    flags = ["--dataset", "manifest", "--data_dir", spoken, "--task", "classify", "--max_steps", 2, *SMALL]
    return ["train", *flags, "--output_dir", tmp_path / "out", "--folds"]


def test_each_speaker_is_the_test_once_and_the_mean_is_theirs(sure, attempt, folds, spoken, tmp_path):
    shown = sure(*folds, "speaker").stdout
    whole = json.loads((tmp_path / "out" / "results.json").read_text())
    assert isinstance(whole["peak_memory_bytes"], int)
    assert [fold["name"] for fold in whole["folds"]] == SPEAKERS
    assert [fold["clips"] for fold in whole["folds"]] == [6, 6, 6] and whole["test"]["clips"] == 18
    parts = [json.loads((tmp_path / "out" / f"fold-{i}" / "results.json").read_text()) for i in (1, 2, 3)]
    for name in ("accuracy", "f1", "loss"):
        values = [part["test"]["metrics"][name] for part in parts]
        assert [fold["metrics"][name] for fold in whole["folds"]] == values
        assert whole["mean"][name] == pytest.approx(statistics.mean(values))
        assert whole["deviation"][name] == pytest.approx(statistics.stdev(values))
    done = attempt("predict", "--adapter", tmp_path / "out", next(spoken.parent.glob("*.wav")))
    check_refused(done, 1, "several runs", tmp_path / "out" / "fold-1")
    heading, *rows, mean, _ = shown.splitlines()
    assert heading.split()[:3] == ["fold", "clips", "accuracy"]
    assert [row.split()[0] for row in rows] == SPEAKERS
    assert mean.startswith("mean") and f"{whole['mean']['accuracy']:.4f} ± " in mean


def test_a_resumed_cross_validation_keeps_the_finished_folds(sure, folds, tmp_path):
    first = sure(*folds, 2)
    assert "reused" not in first.stderr
    before = (tmp_path / "out" / "results.json").read_bytes()
    (tmp_path / "out" / "results.json").unlink()
    again = sure(*folds, 2, "--resume", "latest")
    assert again.stderr.count("finished before, reused") == 2 and again.stdout == first.stdout
    assert (tmp_path / "out" / "results.json").read_bytes() == before


def test_folds_that_make_no_sense(attempt, folds, esd, tmp_path):
    check_refused(attempt(*folds, "speakers"), 2, "--folds speakers", "'speaker'")
    check_refused(attempt(*folds, 1), 2, "--folds 1")
    check_refused(attempt(*folds, 4), 2, "--folds 4", "3 groups")
    check_refused(attempt(*folds, 3, "--fold", 4), 2, "--fold 4", "1 to 3")
    check_refused(attempt(*folds, "speaker", "--test_speakers", "ann"), 2, "--test_speakers")
    check_refused(attempt(*folds, "speaker", "--task", "speaker"), 2, "--folds speaker", "number")
    check_refused(attempt(*folds[:-1], "--fold", 2), 2, "--fold 2", "--folds")
    check_refused(attempt(*folds, "speaker", "--do_predict", "False"), 2, "--do_predict")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_no_training_outlives_the_command_that_runs_it(sure_path, folds, tmp_path, how):
    command = [str(sure_path), *map(str, folds), "speaker", "--max_steps", "100000"]
    parent = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    while "step 1/" not in parent.stderr.readline():
        assert parent.poll() is None
    with open(f"/proc/{parent.pid}/task/{parent.pid}/children") as file:
        (child,) = map(int, file.read().split())
    parent.send_signal(how)
    parent.wait(timeout=30)
    deadline = time.monotonic() + 20
    while os.path.exists(f"/proc/{child}") and time.monotonic() < deadline:
        time.sleep(0.05)
    alive = os.path.exists(f"/proc/{child}") and "State:\tZ" not in open(f"/proc/{child}/status").read()
    assert not alive
