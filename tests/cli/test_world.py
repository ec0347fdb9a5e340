"""One run by two processes under torchrun."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from cli.conftest import write_tone
from cli.test_pretrain import SHAPE

RANDOM = ["--method", "lora", "--dropout", 0.1, "--layerdrop", 0.2, "--mask_time_prob", 0.2, "--mask_feature_prob", 0.1]
RANDOM += ["--mask_time_length", 2, "--mask_feature_length", 4, "--learning_rate", 0.001, "--logging_steps", 1, "--evaluation_strategy", "steps", "--eval_steps", 2]
TORCHRUN = Path(sys.executable).parent / "torchrun"


def command(sure_path, *args):
    launcher = [TORCHRUN, "--no-python", "--nproc-per-node", 2, "--master-port", free_port()]
    return list(map(str, [*launcher, *(["bash", "-c", args[0]] if len(args) == 1 else [sure_path, *args])]))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def two(sure_path):
    """Runs `sure ARGS…`, or a line of bash, as two processes."""

    def run(*args):
        return subprocess.run(command(sure_path, *args), capture_output=True, text=True, timeout=120)

    return run


def ours(done):
    """What sure itself wrote on standard error."""
    return [line for line in done.stderr.splitlines() if line.startswith("sure: ")]


def with_batch(flags, size):
    changed = list(flags)
    changed[changed.index("--per_device_train_batch_size") + 1] = size
    return changed


def test_equals_one_process_with_the_same_global_batch(sure, two, on_tones, tmp_path):
    steps = ["--max_steps", 6, "--save_strategy", "no", *RANDOM]
    sure("train", *with_batch(on_tones, 6), *steps, "--output_dir", tmp_path / "one")
    for name in ("two", "again"):
        done = two("train", *with_batch(on_tones, 3), *steps, "--output_dir", tmp_path / name)
        assert done.returncode == 0, done.stderr
    one, both = (json.loads((tmp_path / name / "results.json").read_text()) for name in ("one", "two"))
    for a, b in zip(one["curves"]["train"], both["curves"]["train"], strict=True):
        assert a["loss"] == pytest.approx(b["loss"], rel=1e-5)
    assert one["test"]["metrics"]["accuracy"] == both["test"]["metrics"]["accuracy"]
    assert one["test"]["metrics"]["loss"] == pytest.approx(both["test"]["metrics"]["loss"], rel=1e-4)
    weights = [load_file(tmp_path / name / "best_model" / "adapter.safetensors") for name in ("one", "two", "again")]
    for name, value in weights[0].items():
        assert value == pytest.approx(weights[1][name], abs=1e-5), name
        assert (weights[1][name] == weights[2][name]).all(), name
    assert done.stdout.count("adapter: ") == 1  # rank 0 alone prints


def test_batches_of_which_a_process_has_none(sure, two, on_tones, tones, tmp_path):
    fewer = tmp_path / "fewer"  # 9 clips: batches of 4, 4 and 1
    shutil.copytree(tones, fewer)
    for label in ("high", "low", "mid"):
        next((fewer / "train" / label).iterdir()).unlink()
    data = [fewer if flag == tones else flag for flag in on_tones]
    flags = ["--num_train_epochs", 2, "--gradient_accumulation_steps", 2, "--save_strategy", "no", *RANDOM]
    sure("train", *with_batch(data, 4), *flags, "--output_dir", tmp_path / "one")
    done = two("train", *with_batch(data, 2), *flags, "--output_dir", tmp_path / "two")
    assert done.returncode == 0, done.stderr
    a, b = (load_file(tmp_path / name / "best_model" / "adapter.safetensors") for name in ("one", "two"))
    for name, value in a.items():
        assert value == pytest.approx(b[name], abs=1e-5), name


def test_processes_with_other_flags_or_data_stop_at_once(sure_path, on_tones, tones, tmp_path):
    fewer = tmp_path / "fewer"
    shutil.copytree(tones, fewer)
    next((fewer / "train" / "low").iterdir()).unlink()
    start = f'exec {sure_path} train {" ".join(map(str, on_tones))} --method lora --max_steps 4 --output_dir {tmp_path / "out"}'
    for script, said in (
        (f"{start} --lora_rank $((4 + RANK))", "--lora_rank: 4 for rank 0, 5 for rank 1"),
        (f"DATA={tones}; [ $RANK = 0 ] || DATA={fewer}; {start.replace(str(tones), '$DATA')}", "training clips"),
    ):
        done = subprocess.run(command(sure_path, script), capture_output=True, text=True, timeout=60)
        assert done.returncode != 0
        assert len(ours(done)) == 1 and said in ours(done)[0], done.stderr
        assert not (tmp_path / "out").exists()


def test_a_killed_process_ends_all_and_the_run_goes_on(sure_path, two, on_tones, tmp_path):
    flags = [*on_tones, "--max_steps", 150, "--save_strategy", "steps", "--save_steps", 2, *RANDOM, "--evaluation_strategy", "no"]
    run = command(sure_path, "train", *flags, "--output_dir", tmp_path / "cut")
    process = subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace")
    deadline = time.monotonic() + 60
    while not list((tmp_path / "cut").glob("checkpoint-*[02468]")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(rank_one_of(process.pid), signal.SIGKILL)
    _, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    lines = [line for line in errors.splitlines() if line.startswith("sure: ")]
    assert len(lines) == 1 and "--resume latest" in lines[0] and "rank 0" in lines[0], errors
    done = two("train", *flags, "--output_dir", tmp_path / "cut", "--resume", "latest", "--do_predict", "False")
    assert done.returncode == 0 and "resumed from" in done.stdout, done.stderr


def rank_one_of(launcher):
    for child in Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split():
        if b"\0RANK=1\0" in b"\0" + Path(f"/proc/{child}/environ").read_bytes():
            return int(child)
    raise AssertionError("no process of rank 1")


def test_pretraining_equals_one_process_with_the_same_global_batch(sure, two, tmp_path):
    for index in range(10):
        write_tone(tmp_path / "clips" / f"{index}.wav", 150.0 * (index + 1), seconds=0.4 + 0.1 * index)
    flags = ["pretrain", "--audio", tmp_path / "clips", *SHAPE, "--clusters", 6, "--final_dim", 16, "--max_steps", 5]
    flags += ["--valid_share", 0.3, "--eval_steps", 2, "--logging_steps", 1, "--noise_prob", 0.5]
    flags += ["--hidden_dropout", 0.1, "--attention_dropout", 0.1, "--activation_dropout", 0.1, "--layerdrop", 0.2]
    sure(*flags, "--batch_seconds", 4, "--output_dir", tmp_path / "one")
    for name in ("two", "again"):
        done = two(*flags, "--batch_seconds", 2, "--output_dir", tmp_path / name)
        assert done.returncode == 0, done.stderr
    assert done.stdout.count("model: ") == 1
    one, both = (json.loads((tmp_path / name / "results.json").read_text()) for name in ("one", "two"))
    assert one["validation"]["loss"] == pytest.approx(both["validation"]["loss"], rel=1e-4)
    weights = [load_file(tmp_path / name / "model" / "model.safetensors") for name in ("one", "two", "again")]
    for name, value in weights[0].items():
        assert value == pytest.approx(weights[1][name], abs=1e-4), name
        assert (weights[1][name] == weights[2][name]).all(), name


def test_an_evaluation_is_shared_out(sure, sure_path, two, on_tones, tmp_path):
    sure("train", *on_tones, "--method", "lora", "--max_steps", 2, "--output_dir", tmp_path)
    flags = ["evaluate", "--run", tmp_path, "--json", "True", "--per_device_eval_batch_size", 2, "--predictions"]
    one = sure(*flags, tmp_path / "one.csv")
    both = two(f"exec {sure_path} {' '.join(map(str, flags))} {tmp_path}/two.csv")  # torchrun has its own --run…
    assert both.returncode == 0, both.stderr
    alone, shared = (json.loads(done.stdout) for done in (one, both))
    assert alone.pop("seconds") > 0 and shared.pop("seconds") > 0
    assert alone == shared
    assert (tmp_path / "one.csv").read_text() == (tmp_path / "two.csv").read_text()


def test_other_commands_run_as_one_process(two, tmp_path):
    done = two("predict", "--adapter", tmp_path, tmp_path)
    assert done.returncode != 0
    assert ours(done) == ["sure: sure predict runs as one process, but WORLD_SIZE is 2: start it without torchrun, or unset WORLD_SIZE"]


def test_a_process_with_a_wrong_environment_says_so(attempt, on_tones):
    done = attempt("train", *on_tones, env={**os.environ, "WORLD_SIZE": "2", "RANK": "2"})
    assert done.returncode == 2 and "RANK is '2': expected a number from 0 to 1" in done.stderr
