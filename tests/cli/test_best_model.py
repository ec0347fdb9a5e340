"""Which model is the best, and when a run stops."""

import json
import shutil

import pytest


@pytest.fixture(scope="module")
def digits(sure, shared_data, tmp_path_factory):
    """A recogniser that writes blanks at first, the issue's own command."""
    folder = tmp_path_factory.mktemp("digits") / "run"
    flags = ["--dataset", "fsdd", "--data_dir", shared_data / "fsdd", "--task", "asr", "--method", "conv_adapter"]
    flags += ["--model", "random-tiny"]
    flags += ["--test_speakers", "yweweler", "--evaluation_strategy", "steps", "--eval_steps", 25, "--max_steps", 250]
    flags += ["--clips_per_class", 40, "--save_strategy", "steps", "--save_steps", 150, "--save_total_limit", 0]
    command = ["train", *flags, "--output_dir", folder]
    return command, sure(*command).stdout, folder


def test_blanks_are_no_reason_to_stop(digits):
    _, shown, folder = digits
    results = json.loads((folder / "results.json").read_text())
    assert results["steps"] == 250 and not results["stopped_early"]
    curve = results["curves"]["valid"]
    assert [point["step"] for point in curve] == list(range(25, 251, 25))
    best = min(curve, key=lambda point: (point["wer"], point["cer"], point["loss"]))
    assert results["best_step"] == best["step"] > 25
    assert results["best_by"] in ("wer", "cer", "loss")
    assert f"best so far, by {results['best_by']}" in shown
    assert f"best model: step {best['step']}" in shown and f"chosen by {results['best_by']}" in shown


def test_resuming_picks_the_same_model_and_continues_the_curves(digits, sure, tmp_path):
    command, _, whole = digits
    folder = tmp_path / "run"
    shutil.copytree(whole, folder)
    shutil.rmtree(folder / "checkpoint-250")
    sure(*command[:-1], folder, "--resume", "latest")
    ours, theirs = (json.loads((run / "results.json").read_text()) for run in (folder, whole))
    for key in ("best_step", "best_by", "best_metric", "curves"):
        assert ours[key] == theirs[key], key
    weights = "best_model/adapter.safetensors"
    assert (folder / weights).read_bytes() == (whole / weights).read_bytes()
