"""Labels for files: formats, sources of paths, files that cannot be read."""

import csv
import io
import json
import math
import shutil
import subprocess

import pytest
from safetensors.torch import load_file, save_file

from cli.conftest import LABELS, check_refused


@pytest.fixture
def predict(lora):
    return ["predict", "--adapter", lora / "best_model"]


def test_json_lines(sure, predict, tones):
    done = sure(*predict, "--format", "jsonl", "--logits", tones / "test")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["path"] for line in lines] == sorted(str(p) for p in (tones / "test").rglob("*.wav"))
    for line in lines:
        assert list(line["probabilities"]) == list(line["logits"]) == LABELS
        assert sum(line["probabilities"].values()) == pytest.approx(1)
        assert line["label"] == max(line["probabilities"], key=line["probabilities"].get)
        ratio = line["logits"]["low"] - line["logits"]["high"]
        assert math.log(line["probabilities"]["low"] / line["probabilities"]["high"]) == pytest.approx(ratio, abs=1e-4)


def test_formats_agree(sure, predict, tones):
    text = [line.split("\t") for line in sure(*predict, tones / "test").stdout.splitlines()]
    table = list(csv.DictReader(io.StringIO(sure(*predict, "--format", "csv", tones / "test").stdout)))
    lines = [json.loads(line) for line in sure(*predict, "--format", "jsonl", tones / "test").stdout.splitlines()]
    assert len(text) == len(table) == len(lines) == 6
    for plain, row, line in zip(text, table, lines):
        assert plain[0] == row["path"] == line["path"] and plain[1] == row["label"] == line["label"]
        assert float(row["p:mid"]) == pytest.approx(line["probabilities"]["mid"], rel=1e-4)
        assert "logits" not in line and "logit:mid" not in row


@pytest.mark.parametrize("arguments", [["-"], []])
def test_list_on_standard_input(sure, predict, tones, arguments):
    clips = sorted(map(str, (tones / "test").rglob("*.wav")))[:2]
    out = sure(*predict, *arguments, input="\n".join(clips) + "\n").stdout
    assert [line.split("\t")[0] for line in out.splitlines()] == clips


def test_bad_file_does_not_stop_the_others(attempt, predict, tones, tmp_path):
    clip = next((tones / "test").rglob("*.wav"))
    (tmp_path / "bad.wav").write_bytes(b"RIFF")
    done = attempt(*predict, "--format", "jsonl", clip, tmp_path / "bad.wav", tmp_path / "none.wav", clip)
    assert done.returncode == 1 and len(done.stdout.splitlines()) == 2
    assert "bad.wav" in done.stderr.splitlines()[0] and "none.wav" in done.stderr.splitlines()[1]
    assert len(done.stderr.splitlines()) == 3 and "cut to 0.2 s: 2 of 2 clips" in done.stderr


def test_output_that_is_not_finite_is_no_label(attempt, lora, tones, tmp_path):
    broken = shutil.copytree(lora / "best_model", tmp_path / "broken") / "adapter.safetensors"
    save_file({name: tensor.fill_(1e14) for name, tensor in load_file(broken).items()}, broken)
    clip = next((tones / "test").rglob("*.wav"))
    check_refused(attempt("predict", "--adapter", broken.parent, clip), 1, clip, "not finite")


def test_output_file_appears_whole(sure, predict, tones, tmp_path):
    sure(*predict, "--output", tmp_path / "out.csv", "--format", "csv", tones / "test")
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 7
    assert [p.name for p in tmp_path.iterdir()] == ["out.csv"]


def test_full_disk_behind_standard_output(sure_path, predict, tones):
    command = [sure_path, *map(str, predict), tones / "test"]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and done.stderr.startswith("sure: ") and done.stderr.count("\n") == 1


def test_folder_without_audio(attempt, predict, tmp_path):
    check_refused(attempt(*predict, tmp_path), 1, tmp_path)


def test_a_task_of_other_answers(attempt, lora, tones):
    clip = tones / "test" / "low" / "test0.wav"
    check_refused(attempt("predict", "--adapter", lora, "--task", "asr", clip), 2, "--task asr", "classify")
    check_refused(attempt("predict", "--adapter", lora, "--task", "asl", clip), 2, "asl", "use one of")
    assert attempt("predict", "--adapter", lora, "--task", "emotion", clip).returncode == 0


def test_unknown_format(attempt, predict, tones):
    check_refused(attempt(*predict, "--format", "xml", tones), 2, "'xml'", "jsonl")
