"""Formats of audio files, and clips that are no good, as a person meets them."""

import json
import os
import shutil
import subprocess

import pytest
import soundfile

from cli.conftest import SMALL, check_refused, write_tone

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


def convert(source, target, *options):
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", source, *options, target]
    subprocess.run(list(map(str, command)), check=True)
    return target


@pytest.fixture
def clips(tmp_path):
    """The `folder` layout, two classes; flags of a run of two steps on it."""
    for label, pitch in (("cat", 300.0), ("dog", 1200.0)):
        for part, count in (("train", 4), ("valid", 2), ("test", 2)):
            for clip in range(count):
                write_tone(tmp_path / "data" / part / label / f"{part}{clip}.wav", pitch)
    return tmp_path / "data"


@pytest.fixture
def flags(clips, tmp_path):
    return ["--dataset", "folder", "--data_dir", clips, *SMALL, "--method", "head", "--max_steps", 2,
            "--output_dir", tmp_path / "out"]


def make_bad(clips):
    """A clip that is too short, one that is cut, one that only decoding finds damaged."""
    write_tone(clips / "train/cat/train0.wav", 300.0, seconds=0.005)
    cut = clips / "train/dog/train1.wav"
    cut.write_bytes(cut.read_bytes()[:2000])
    soundfile.write(clips / "valid/dog/valid0.wav", [1e20] * 4000, 16000, subtype="FLOAT")
    return ["train/cat/train0.wav", "train/dog/train1.wav", "valid/dog/valid0.wav"]


@needs_ffmpeg
def test_m4a_is_a_clip_like_others(sure, attempt, flags, clips, tmp_path):
    for wav in sorted(clips.glob("*/cat/*.wav")):
        convert(wav, wav.with_suffix(".m4a"))
        wav.unlink()
    sure("train", *flags)
    adapter = tmp_path / "out/best_model"
    done = sure("predict", "--adapter", adapter, "--format", "jsonl", clips / "test")
    assert [json.loads(line)["path"].split(".")[-1] for line in done.stdout.splitlines()] == ["m4a"] * 2 + ["wav"] * 2
    alone = {**os.environ, "PATH": str(tmp_path)}
    check_refused(attempt("train", *flags, "--overwrite_output_dir", "True", env=alone), 1, "'cat'", ".m4a",
                  "install ffmpeg")


@needs_ffmpeg
def test_an_mp3_from_a_pipe_is_read_whole(sure, lora, clips, tmp_path):
    wav = write_tone(tmp_path / "long.wav", 300.0, seconds=6.0)
    for name, options in (("vbr", ["-q:a", "2"]), ("cbr", ["-b:a", "64k"])):
        command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(wav), *options, "-f", "mp3", "-"]
        (tmp_path / f"{name}.mp3").write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
        (tmp_path / name / "tone").mkdir(parents=True)
        (tmp_path / f"{name}.mp3").rename(tmp_path / name / "tone" / f"{name}.mp3")
        shutil.copy(tmp_path / name / "tone" / f"{name}.mp3", tmp_path / name / "tone" / "again.mp3")
        shutil.copy(wav, tmp_path / name / "tone" / "valid.wav")
        done = sure("inspect", "--dataset", "folder", "--data_dir", tmp_path / name, "--check", "--json")
        hours = sum(split["hours"] for split in json.loads(done.stdout)["splits"].values())
        assert hours * 3600 == pytest.approx(3 * 6.0, abs=0.4)


def test_check_lists_every_bad_clip(attempt, clips):
    bad = make_bad(clips)
    done = attempt("inspect", "--dataset", "folder", "--data_dir", clips, "--check")
    assert done.returncode == 1
    assert "3 of 16 clips cannot be used:\n" in done.stdout
    for name in bad:
        assert f"{name}: " in done.stdout
    assert "too short: 80 samples" in done.stdout
    as_json = json.loads(attempt("inspect", "--dataset", "folder", "--data_dir", clips, "--check", "--json").stdout)
    assert [clip["path"] for clip in as_json["bad"]] == [str(clips / name) for name in bad]


def test_check_of_good_clips_says_so(sure, clips):
    assert "16 clips: all decode to their ends\n" in sure(
        "inspect", "--dataset", "folder", "--data_dir", clips, "--check"
    ).stdout


def test_bad_clips_are_found_before_the_first_step(attempt, flags, clips, tmp_path):
    bad = make_bad(clips)
    done = attempt("train", *flags)
    check_refused(done, 1, "3 clips", *bad, "--skip_bad")
    assert "step" not in done.stdout and not (tmp_path / "out").exists()


def test_bad_clips_can_be_skipped(sure, attempt, flags, clips, tmp_path):
    bad = make_bad(clips)
    done = sure("train", *flags, "--skip_bad", "True")
    assert "skipped 3 clips: " in done.stdout
    results = json.loads((tmp_path / "out/results.json").read_text())
    assert [clip["path"] for clip in results["skipped_bad"]] == [str(clips / name) for name in bad]
    assert results["valid"]["clips"] == 3
    evaluation = ["evaluate", "--adapter", tmp_path / "out/best_model", "--dataset", "folder", "--data_dir", clips,
                  "--split", "valid", "--json"]
    check_refused(attempt(*evaluation), 1, "dog/valid0.wav", "--skip_bad")
    ours = json.loads(sure(*evaluation, "--skip_bad", "True").stdout)
    assert ours["clips"] == 3 and len(ours["skipped_bad"]) == 1
