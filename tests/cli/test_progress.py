"""The progress line on a terminal: it fits, and the last one ends."""

import re

import pytest


from cli.conftest import shown_on_terminal


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
