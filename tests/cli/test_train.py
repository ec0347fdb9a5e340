"""What a training run leaves, and how it goes on."""

import json
import signal
import subprocess
import time

import pytest

from cli.conftest import LABELS, check_refused, shown_on_terminal


def test_results_hold_what_the_screen_showed(lora):
    results = json.loads((lora / "results.json").read_text())
    assert results["labels"] == LABELS and results["method"] == "lora" and results["random_backbone"] is True
    assert 0 < results["trained"] < results["total"]
    assert results["share_percent"] == pytest.approx(100 * results["trained"] / results["total"])
    assert results["steps"] == 6 and results["seconds_per_step"] > 0 and results["peak_memory_bytes"] > 2**20
    assert results["epochs"]
    assert all(0 < epoch["data_seconds"] < epoch["seconds"] < results["seconds"] for epoch in results["epochs"])
    for split in ("valid", "test"):
        assert results[split]["clips"] == 6
        assert [sum(row) for row in results[split]["confusion"]] == [2, 2, 2]
        correct = sum(row[i] for i, row in enumerate(results[split]["confusion"]))
        assert results[split]["metrics"]["accuracy"] == pytest.approx(correct / 6)


def test_peak_memory_is_that_of_the_run(sure, on_tones, tmp_path):
    ballast = b"x" * 2**30  # of the process that starts it
    sure("train", *on_tones, "--max_steps", 1, "--output_dir", tmp_path / "out")
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert results["peak_memory_bytes"] < len(ballast)


def test_random_backbone_is_announced(sure, on_tones, tmp_path):
    out = sure("train", *on_tones, "--max_steps", 1, "--output_dir", tmp_path / "out").stdout
    assert "random weights" in out and "step 1/1" in out


def test_earlier_results_are_not_overwritten_by_accident(attempt, sure, on_tones, tmp_path):
    run = ["train", *on_tones, "--max_steps", 1, "--output_dir", tmp_path]
    sure(*run)
    before = (tmp_path / "results.json").read_bytes()
    check_refused(attempt(*run), 2, "--resume latest", "--overwrite_output_dir")
    assert (tmp_path / "results.json").read_bytes() == before
    sure(*run, "--overwrite_output_dir", "--seed", 3)
    assert json.loads((tmp_path / "results.json").read_text())["seed"] == 3


def test_resume_with_other_options_is_refused(attempt, sure, on_tones, tmp_path):
    run = ["train", *on_tones, "--output_dir", tmp_path, "--save_strategy", "steps", "--save_steps", 1]
    sure(*run, "--max_steps", 2)
    before = (tmp_path / "config.json").read_bytes()
    done = attempt(*run, "--max_steps", 4, "--seed", 9, "--resume", "latest")
    assert done.returncode == 2 and "seed" in done.stderr
    assert (tmp_path / "config.json").read_bytes() == before


@pytest.mark.parametrize("method", ["lora", "conv_adapter"])
def test_killed_run_goes_on_as_if_never_stopped(sure, sure_path, on_tones, tmp_path, method):
    steps = ["--save_strategy", "steps", "--save_steps", 2, "--evaluation_strategy", "steps", "--eval_steps", 5]
    run = ["train", *on_tones, "--method", method, "--max_steps", 20, "--early_stopping_patience", 0, *steps]
    run += ["--dropout", 0.1, "--mask_time_prob", 0.2, "--speed_perturbation", 0.1]
    sure(*run, "--output_dir", tmp_path / "whole")

    command = [str(sure_path), *map(str, run), "--output_dir", str(tmp_path / "killed")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not list((tmp_path / "killed").glob("checkpoint-[468]")) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    assert process.wait() == -signal.SIGKILL, "the run ended before it could be killed"
    resumed = sure(*run, "--output_dir", tmp_path / "killed", "--resume", "latest")
    assert "resumed from" in resumed.stdout
    for file in ("best_model/adapter", "checkpoint-20/adapter", "checkpoint-20/optimizer"):
        ours, theirs = (tmp_path / run / f"{file}.safetensors" for run in ("killed", "whole"))
        assert ours.read_bytes() == theirs.read_bytes(), file


@pytest.mark.parametrize("strategy, says", [("epoch", "--resume latest"), ("no", "leaves no checkpoint")])
def test_interrupt_promises_what_there_is(sure_path, on_tones, tmp_path, strategy, says):
    command = [sure_path, "train", *on_tones, "--max_steps", 100000, "--output_dir", tmp_path]
    command += ["--evaluation_strategy", "no", "--save_strategy", strategy]
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while "step 1/" not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT and says in stderr


def test_terminal_gets_a_bar(sure_path, on_tones, tmp_path):
    command = [sure_path, "train", *on_tones, "--max_steps", 6, "--output_dir", tmp_path]
    text = shown_on_terminal([*command, "--evaluation_strategy", "no"])
    assert "\r" in text and "█" in text and "step 6/6" in text and " left" in text


def test_evaluation_alone_reads_the_best_model(sure, on_tones, lora):
    before = json.loads((lora / "results.json").read_text())
    sure("train", *on_tones, "--do_train", "False", "--output_dir", lora)
    after = json.loads((lora / "results.json").read_text())
    assert after["test"]["metrics"] == before["test"]["metrics"]
