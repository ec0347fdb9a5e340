"""The progress line on a terminal: it fits, and the last one ends."""

import re
import subprocess

import pytest


from cli.conftest import shown_on_terminal, write_tone


def drawn_lines(text):
    """What a terminal shows on a line at any time: text between carriage returns and line ends."""
    return [re.sub(r"\x1b\[\w", "", line) for line in re.split(r"[\r\n]+", text)]


@pytest.mark.parametrize("columns", [40, 80, 160])
def test_progress_fits_the_terminal(sure_path, on_tones, tmp_path, columns):
    command = [sure_path, "train", *on_tones, "--max_steps", 4, "--output_dir", tmp_path / "out"]
    text = shown_on_terminal(command, columns=columns)
    bars = [line for line in drawn_lines(text) if line.startswith(("█", "░"))]
    assert any("step 4/4" in line for line in bars)
    assert max(map(len, bars)) < columns
    assert any("rate" in line for line in bars) == (columns == 160)


def test_the_last_bar_ends(sure_path, on_tones, tmp_path):
    command = [sure_path, "train", *on_tones, "--max_steps", 4, "--output_dir", tmp_path / "out"]
    text = shown_on_terminal(command)
    last = next(line for line in text.split("\n") if "step 4/4" in line)
    assert last.split("\r\x1b[K")[-1].startswith("█" * 24 + " step 4/4")


def test_progress_inside_a_recording(sure_path, lora, tmp_path):
    """Parts of one second, so that it takes longer than the two seconds in which nothing is shown."""
    path = write_tone(tmp_path / "long.wav", 440.0, seconds=1800)
    command = [sure_path, "predict", "--adapter", lora, "--chunk", 1, "--max_samples", 0, "--padding", "longest", path]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120, check=True)
    lines = done.stderr.splitlines()
    assert any(re.match(r"\d+:\d\d of 30:00 heard · \d+:\d\d left · [\d.]+ s of sound a second · ", line) for line in lines), lines
    assert done.stdout.startswith(str(path)) and done.stdout.count("\n") == 1
