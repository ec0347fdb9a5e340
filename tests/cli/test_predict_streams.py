"""Standard input of predict: lists of every make, a co-process, audio; and lists with names that lead nowhere."""

import json
import os
import select
import subprocess

import pytest
import soundfile

from cli.conftest import RATE, write_tone


@pytest.fixture
def predict(lora):
    return ["predict", "--adapter", lora / "best_model"]


@pytest.fixture
def clips(tones):
    return sorted((tones / "test").rglob("*.wav"))[:3]


def names(text):
    return [line.split("\t")[0] for line in text.splitlines()]


def run_bytes(sure_path, arguments, data, **options):
    command = [str(part) for part in (sure_path, *arguments)]
    return subprocess.run(command, input=data, capture_output=True, timeout=120, **options)


def test_a_co_process_gets_each_answer_at_once(sure_path, predict, clips):
    command = [str(part) for part in (sure_path, *predict, "--batch_size", 8)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for clip in clips:
            process.stdin.write(f"{clip}\n".encode())
            process.stdin.flush()
            assert select.select([process.stdout], [], [], 60)[0], "no answer"
            assert process.stdout.readline().decode().split("\t")[0] == str(clip)
        process.stdin.close()
        assert process.stdout.read() == b"" and process.wait(60) == 0


@pytest.mark.parametrize(
    "make",
    [
        lambda paths: "".join(f"{path}\r\n" for path in paths).encode(),
        lambda paths: "\n\n".join(["", *paths, "  ", ""]).encode(),
        lambda paths: ("\ufeff" + "\n".join(paths)).encode(),
        lambda paths: b"".join(path.encode() + b"\0" for path in paths),
        lambda paths: ("\r\n".join(paths) + "\r\n").encode("utf-16"),
        lambda paths: "".join(f"{path}\r" for path in paths).encode(),
    ],
    ids=["crlf", "blank_lines", "mark_and_no_last_newline", "nul", "utf16", "old_mac"],
)
@pytest.mark.parametrize("arguments", [[], ["-"]], ids=["none", "dash"])
def test_lists_of_every_make(sure_path, predict, clips, make, arguments):
    done = run_bytes(sure_path, [*predict, *arguments], make([str(clip) for clip in clips]))
    assert done.returncode == 0, done.stderr
    assert names(done.stdout.decode()) == [str(clip) for clip in clips]


def test_names_with_newlines_between_nuls(sure_path, predict, tmp_path):
    clip = write_tone(tmp_path / "a\nb\x1b[31m.wav", 200)
    done = run_bytes(sure_path, predict, os.fsencode(clip) + b"\0" + os.fsencode(clip) + b"\0")
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 2
    assert b"\x1b" not in done.stdout and b"a\\nb\\x1b[31m.wav" in done.stdout
    done = run_bytes(sure_path, [*predict, "--format", "jsonl", clip], b"")
    assert b"\x1b" not in done.stdout and json.loads(done.stdout)["path"] == str(clip)
    done = run_bytes(sure_path, [*predict, tmp_path / "no\n\x1b[2J.wav"], b"")
    assert done.returncode == 1 and done.stderr.count(b"\n") == 1 and b"\x1b" not in done.stderr


@pytest.mark.parametrize("kind", ["wav", "flac", "ogg", "aiff", "mp3"])
def test_audio_on_standard_input(sure, sure_path, predict, tmp_path, kind):
    tone = write_tone(tmp_path / "tone.wav", 600)
    file = tmp_path / f"a.{kind}"
    soundfile.write(file, soundfile.read(tone)[0], RATE)
    expected = sure(*predict, file).stdout.split("\t")[1:]
    for arguments in ([], ["-"]):
        done = run_bytes(sure_path, [*predict, *arguments], file.read_bytes())
        assert done.returncode == 0, done.stderr
        assert done.stdout.decode().split("\t") == ["-", *expected]


def test_broken_audio_on_standard_input(sure_path, predict, tones):
    clip = next((tones / "test").rglob("*.wav")).read_bytes()
    done = run_bytes(sure_path, [*predict, "-"], clip[: len(clip) // 2])
    assert done.returncode == 1 and done.stderr.startswith(b"sure: -: ") and done.stderr.count(b"\n") == 1


def test_a_list_that_starts_as_audio_does_in_part(sure, predict, tones, tmp_path):
    for name in ("RIFF", "ID3.wav", "fLaCs", "OggS"):
        (tmp_path / name).write_bytes(next((tones / "test").rglob("*.wav")).read_bytes())
        assert names(sure(*predict, input=f"{name}\n", cwd=tmp_path).stdout) == [name]


def test_a_pipe_as_a_file(sure_path, predict, clips):
    line = " ".join(f"'{part}'" for part in (sure_path, *predict)) + f" <(cat '{clips[0]}') '{clips[1]}'"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 2, done.stderr


def bad_names(folder):
    (folder / "self.wav").symlink_to("self.wav")
    (folder / "empty").mkdir()
    (folder / "nothing.wav").write_bytes(b"")
    (folder / "text.wav").write_text("no audio")
    soundfile.write(folder / "short.wav", [0.1] * 100, RATE)
    return ["self.wav", "a" * 300 + ".wav", "empty", "nope.wav", "nothing.wav", "text.wav", "", "short.wav/x.wav"]


@pytest.mark.parametrize("as_list", [False, True])
@pytest.mark.parametrize("batch_size", [1, 5])
def test_bad_names_end_nothing(attempt, predict, clips, tmp_path, as_list, batch_size):
    bad = [name for name in bad_names(tmp_path) if name]
    mixed = [part for name in bad for part in (str(clips[0]), name)] + [str(clips[1])]
    flags = ["--batch_size", batch_size]
    if as_list:
        done = attempt(*predict, *flags, input="\n".join(mixed), cwd=tmp_path)
    else:
        done = attempt(*predict, *flags, *mixed, cwd=tmp_path)
    assert done.returncode == 1
    assert names(done.stdout) == [str(clips[0])] * len(bad) + [str(clips[1])]
    *errors, note = done.stderr.splitlines()
    assert len(errors) == len(bad) and note.startswith("cut to")
    for name, error in zip(bad, errors):
        assert error.startswith("sure: ") and name in error


def test_a_short_clip_is_named_with_its_length(attempt, lora, clips, tmp_path):
    soundfile.write(tmp_path / "short.wav", [0.1] * 100, RATE)
    flags = ["--padding", "longest"]
    done = attempt("predict", "--adapter", lora / "best_model", *flags, clips[0], tmp_path / "short.wav", clips[1])
    assert done.returncode == 1 and len(done.stdout.splitlines()) == 2
    assert f"{tmp_path}/short.wav: too short, 100 samples" in done.stderr and "400" in done.stderr


def test_batches_keep_results_and_order(sure, predict, tones):
    alone = sure(*predict, "--format", "jsonl", tones).stdout.splitlines()
    together = sure(*predict, "--format", "jsonl", "--batch_size", 5, tones).stdout.splitlines()
    assert len(alone) == len(together) == 24
    for one, other in zip(map(json.loads, alone), map(json.loads, together)):
        assert one["path"] == other["path"] and one["label"] == other["label"]
        assert other["probabilities"] == pytest.approx(one["probabilities"], abs=1e-5)


def test_nothing_on_standard_input(attempt, predict):
    done = attempt(*predict, input="\n\n")
    assert done.returncode == 2 and "no audio files" in done.stderr
