"""What people have on disk: folders with other names for splits, files that cannot be read, manifests of other tools."""

import json
import os

import pytest

from cli.conftest import LABELS, PITCHES, SMALL, check_refused, write_tone

# Where there is no ffmpeg, m4a cannot be read.
NO_FFMPEG = {**os.environ, "PATH": ""}


def make_tones(root, layout, labels=LABELS, clips=3):
    """`layout`: folders as in "Train/{}"; each gets clips of its own for every label."""
    for folder in layout:
        for label in labels:
            for clip in range(clips):
                write_tone(root / folder.format(label) / f"{folder.split('/')[0]}{clip}.wav", PITCHES[label])
    return root


def inspect(sure, root, *flags):
    return json.loads(sure("inspect", "--dataset", "folder", "--data_dir", root, "--json", *flags).stdout)


@pytest.mark.parametrize("names", [("Train", "Test"), ("training", "testing"), ("TRAIN", "Evaluation")])
def test_split_folders_by_any_name(sure, tmp_path, names):
    seen = inspect(sure, make_tones(tmp_path, [f"{name}/{{}}" for name in names]))
    assert seen["labels"] == LABELS
    assert seen["splits"]["test"]["clips"] == 9


def test_a_class_that_cannot_be_read_ends_the_run_by_name(attempt, tmp_path):
    make_tones(tmp_path, ["{}"], LABELS[:2])
    for clip in (tmp_path / "low").iterdir():
        clip.rename(clip.with_suffix(".m4a"))
    flags = ["--dataset", "folder", "--data_dir", tmp_path]
    for command in (["inspect"], ["train", *SMALL, "--max_steps", 1, "--output_dir", tmp_path / "out"]):
        done = attempt(*command, *flags, env=NO_FFMPEG)
        check_refused(done, 1, "label 'low'", "3 files", ".m4a", "ffmpeg")


def test_files_are_accounted_for(attempt, sure, lora, tmp_path):
    make_tones(tmp_path, ["{}"])
    (tmp_path / "low" / "more.m4a").write_bytes(b"")
    (tmp_path / "list.txt").write_text("notes")
    (tmp_path / ".DS_Store").write_text("")
    line = "11 files: 9 clips, 1 not readable (.m4a): install ffmpeg; 1 other file (.txt)"
    flags = ["--dataset", "folder", "--data_dir", tmp_path]
    assert line in attempt("inspect", *flags, env=NO_FFMPEG).stdout
    train = ["train", *flags, *SMALL, "--max_steps", 1, "--output_dir", tmp_path.parent / "out"]
    done = attempt(*train, env=NO_FFMPEG)
    assert done.returncode == 0 and line in done.stdout, done.stderr
    done = attempt("evaluate", "--adapter", lora / "best_model", *flags, env=NO_FFMPEG)
    assert done.returncode == 0 and line in done.stderr, done.stderr


def test_evaluate_measures_whatever_is_labelled(attempt, sure, lora, tmp_path):
    make_tones(tmp_path, ["{}"])
    rows = [(f"{label}/{{}}{clip}.wav", label) for label in LABELS for clip in range(3)]
    rows = [(path.format(""), label) for path, label in rows]
    for label in LABELS:
        for index, clip in enumerate(sorted((tmp_path / label).iterdir())):
            clip.rename(tmp_path / label / f"{index}.wav")
    header = "path,label,split\n"
    (tmp_path / "test.csv").write_text(header + "".join(f"{p},{l},test\n" for p, l in rows))
    (tmp_path / "none.csv").write_text("path,label\n" + "".join(f"{p},{l}\n" for p, l in rows))

    def evaluate(data, *flags):
        common = ["--adapter", lora / "best_model", "--dataset", "manifest", "--data_dir", tmp_path / data]
        return attempt("evaluate", *common, *flags, "--json")

    clips = lambda done: sum(map(sum, json.loads(done.stdout)["confusion"]))
    assert clips(evaluate("test.csv")) == 9
    done = evaluate("none.csv")
    assert clips(done) == 9 and "no splits" in done.stderr
    assert clips(evaluate("none.csv", "--split", "all")) == 9
    check_refused(evaluate("test.csv", "--split", "valid"), 2, "--split valid", "test (9 clips)")


def test_the_manifest_s_columns_say_the_task(sure, tmp_path):
    write_tone(tmp_path / "a.wav", 300.0)
    write_tone(tmp_path / "b.wav", 300.0)
    rows = [{"audio_filepath": f"{n}.wav", "duration": 0.25, "text": t, "tags": [1]} for n, t in (("a", "ab"), ("b", 5))]
    (tmp_path / "nemo.json").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = sure("inspect", "--dataset", "manifest", "--data_dir", tmp_path / "nemo.json", "--json")
    assert json.loads(done.stdout)["task"] == "asr"
    assert json.loads(done.stdout)["characters"] == ["5", "a", "b"]


def test_shared_clips_and_speakers_are_told(sure, tmp_path):
    write_tone(tmp_path / "a.wav", 300.0)
    write_tone(tmp_path / "b.wav", 500.0)
    (tmp_path / "c.wav").write_bytes((tmp_path / "a.wav").read_bytes())
    rows = ["a.wav,x,anna,train", "b.wav,y,bert,train", "c.wav,x,anna,test"]
    (tmp_path / "m.csv").write_text("path,label,speaker,split\n" + "\n".join(rows))
    text = sure("inspect", "--dataset", "manifest", "--data_dir", tmp_path / "m.csv").stdout
    assert "1 of 1 test clip is also a training clip" in text
    assert "1 of 1 test speaker is heard in training" in text
