"""Subtitles and TextGrids, read back."""

import html
import json
import re

import pytest

from cli.conftest import check_refused, write_tone
from cli.talker import make_talker, write_babble


@pytest.fixture(scope="module")
def talker(sure, tiny_model, tmp_path_factory):
    return make_talker(sure, tiny_model("wav2vec2_xlsr"), tmp_path_factory.mktemp("talker"))


@pytest.fixture(scope="module")
def babble(tmp_path_factory):
    return write_babble(tmp_path_factory.mktemp("sound") / "a.wav", seconds=20)


@pytest.fixture(scope="module")
def words(sure, talker, babble):
    flags = ["--format", "jsonl", "--token_times", "True"]
    return json.loads(sure("predict", "--adapter", talker, *flags, babble).stdout)


def seconds(text):
    hours, minutes, rest = text.split(":")
    return 3600 * int(hours) + 60 * int(minutes) + float(rest.replace(",", "."))


def read_cues(text, point):
    """[(start, end, lines)] of SubRip, or of WebVTT without its head."""
    cues = []
    for number, block in enumerate(text.rstrip("\n").split("\n\n"), start=1):
        lines = block.split("\n")
        if point == ",":
            assert lines.pop(0) == str(number)
        times = re.fullmatch(rf"(\d\d:\d\d:\d\d\{point}\d\d\d) --> (\d\d:\d\d:\d\d\{point}\d\d\d)", lines.pop(0))
        if point == ".":
            assert not any(sign in line for line in lines for sign in "<>")
            lines = [html.unescape(line) for line in lines]
        cues.append((seconds(times[1]), seconds(times[2]), lines))
    return cues


def read_text_grid(text):
    """{tier: [(start, end, text)]}, checked to cover the whole time without a gap."""
    assert text.startswith('File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0\n')
    end = float(re.search(r"^xmax = (.*)$", text, re.M)[1])
    tiers = {}
    for part in re.split(r"^    item \[\d+\]:\n", text, flags=re.M)[1:]:
        pattern = r'xmin = (\S+)\n +xmax = (\S+)\n +text = "((?:[^"]|"")*)"\n'
        intervals = [(float(a), float(b), t.replace('""', '"')) for a, b, t in re.findall(pattern, part)]
        assert int(re.search(r"intervals: size = (\d+)", part)[1]) == len(intervals)
        assert intervals[0][0] == 0 and intervals[-1][1] == end
        assert all(one[1] == other[0] for one, other in zip(intervals, intervals[1:]))
        tiers[re.search(r'name = "(.*)"', part)[1]] = intervals
    return tiers


@pytest.mark.parametrize("kind, point", [("srt", ","), ("vtt", ".")])
def test_subtitles_hold_all_words_at_their_times(sure, talker, babble, words, kind, point):
    text = sure("predict", "--adapter", talker, "--format", kind, babble).stdout
    if kind == "vtt":
        assert text.startswith("WEBVTT\n\n")
        text = text[len("WEBVTT\n\n") :]
    cues = read_cues(text, point)
    assert len(cues) > 2
    assert " ".join(" ".join(lines) for _, _, lines in cues).split() == [word["word"] for word in words["words"]]
    first = 0
    for start, end, lines in cues:
        said = words["words"][first : first + len(" ".join(lines).split())]
        first += len(said)
        assert start == pytest.approx(said[0]["start"], abs=6e-4)
        assert said[-1]["end"] - 6e-4 <= end <= start + 7.001
        assert len(lines) <= 2 and all(len(line) <= 42 or " " not in line for line in lines)
    assert all(one[1] <= other[0] for one, other in zip(cues, cues[1:]))


def test_text_grid_has_words_and_tokens(sure, talker, babble, words):
    flags = ["--format", "textgrid", "--token_times", "True"]
    tiers = read_text_grid(sure("predict", "--adapter", talker, *flags, babble).stdout)
    assert list(tiers) == ["words", "tokens"]
    for tier, name in (("words", "word"), ("tokens", "token")):
        found = [interval for interval in tiers[tier] if interval[2]]
        assert [text for _, _, text in found] == [item[name] for item in words[tier]]
        for (start, end, _), item in zip(found, words[tier]):
            assert (start, end) == pytest.approx((item["start"], item["end"]), abs=1e-5)
    assert tiers["words"][-1][1] == pytest.approx(20)


@pytest.fixture(scope="module")
def odd_labels(lora, tmp_path_factory):
    """The adapter on tones, whose labels need escaping."""
    folder = tmp_path_factory.mktemp("odd")
    for file in (lora / "best_model").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    description = json.loads((folder / "adapter.json").read_text())
    description["labels"] = ['<b>"a" & --> b</b>\n\n2\x1b[2J', "x,y", "-->"]
    (folder / "adapter.json").write_text(json.dumps(description))
    return folder


def test_foreign_labels_break_no_format(sure, odd_labels, tones):
    clip = next((tones / "test").rglob("*.wav"))
    run = ["predict", "--adapter", odd_labels, "--window", 0.1]
    expected = json.loads(sure(*run, "--format", "jsonl", clip).stdout.splitlines()[0])["label"]
    shown = expected.replace("\n", "\\n").replace("\x1b", "\\x1b")
    for kind in ("text", "csv", "jsonl", "srt", "vtt", "textgrid"):
        assert "\x1b" not in sure(*run, "--format", kind, clip).stdout
    cues = read_cues(sure(*run, "--format", "srt", clip).stdout, ",")
    assert len(cues) == 3 and cues[0][2] == [shown.replace("-->", "->")]
    cues = read_cues(sure(*run, "--format", "vtt", clip).stdout[len("WEBVTT\n\n") :], ".")
    assert cues[0][2] == [shown]
    tiers = read_text_grid(sure(*run, "--hop", 0.05, "--format", "textgrid", clip).stdout)
    assert tiers["labels"][0] == (0, 0.05, shown)


def test_several_recordings_need_a_folder(sure, attempt, talker, tmp_path):
    clips = [write_babble(tmp_path / name, seconds=2) for name in ("a.wav", "a.flac", "b.wav")]
    check_refused(attempt("predict", "--adapter", talker, "--format", "srt", *clips), 2, "--output", "srt")
    check_refused(attempt("predict", "--adapter", talker, "--format", "vtt", input=f"{clips[0]}\n"), 2, "--output")
    (tmp_path / "taken").write_text("")
    flags = ["predict", "--adapter", talker, "--format", "srt", "--output"]
    check_refused(attempt(*flags, tmp_path / "taken", *clips), 2, "taken")
    assert sure(*flags, tmp_path / "out", *clips).stdout == ""
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.flac.srt", "a.srt", "b.srt"]
    sure(*flags, tmp_path / "one.srt", clips[2])
    assert (tmp_path / "one.srt").read_text() == (tmp_path / "out" / "b.srt").read_text()
    text = sure("predict", "--adapter", talker, "--format", "srt", clips[2]).stdout
    assert text == (tmp_path / "one.srt").read_text()


def test_a_folder_where_a_file_is_wanted(attempt, lora, tones, tmp_path):
    done = attempt("predict", "--adapter", lora / "best_model", "--output", tmp_path, tones / "test")
    check_refused(done, 2, tmp_path, "folder")


def test_silence_is_an_empty_subtitle_file(sure, talker, tmp_path):
    clip = write_tone(tmp_path / "a.wav", 0.001, seconds=0.03)
    sure("predict", "--adapter", talker, "--format", "srt", clip)


def test_outputs_ending_names_the_format(sure, attempt, talker, babble, tmp_path):
    sure("predict", "--adapter", talker, "--output", tmp_path / "a.SRT", babble)
    assert read_cues((tmp_path / "a.SRT").read_text(), ",")
    sure("predict", "--adapter", talker, "--output", tmp_path / "a.jsonl", babble, babble)
    assert len([json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]) == 2
    sure("predict", "--adapter", talker, "--output", tmp_path / "b.csv", "--format", "text", babble)
    assert "\t" in (tmp_path / "b.csv").read_text()
    done = attempt("predict", "--adapter", talker, "--output", tmp_path / "c.srt", babble, babble)
    check_refused(done, 2, "name a folder")
    assert not (tmp_path / "c.srt").exists()


def test_no_subtitle_outlasts_its_recording_and_times_are_milliseconds(sure, talker, babble, words):
    cues = read_cues(sure("predict", "--adapter", talker, "--format", "srt", babble).stdout, ",")
    assert cues[-1][1] <= max(20, words["words"][-1]["end"])
    for word in words["words"] + words["tokens"]:
        assert all(len(repr(word[side]).partition(".")[2]) <= 3 for side in ("start", "end"))
