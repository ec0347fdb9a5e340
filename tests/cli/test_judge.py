"""`sure judge`: synthetic speech, here other speakers' recordings, beside recordings of the same words."""

import json
import shutil

import pytest

from cli.conftest import check_refused

WORDS = {"7_0": "seven", "3_1": "three"}


@pytest.fixture(scope="module")
def folders(shared_data, tmp_path_factory):
    """`real` is one speaker; `same` are its files in another format's clothes; `other` is another speaker's voice."""
    root = tmp_path_factory.mktemp("judge")
    digits = shared_data / "fsdd/recordings"
    for system, speaker in {"real": "george", "same": "george", "other": "jackson"}.items():
        (root / system).mkdir()
        for name in WORDS:
            digit, take = name.split("_")
            [clip] = digits.glob(f"{digit}_{speaker}_{take}.*")
            shutil.copy(clip, root / system / f"{name}{clip.suffix}")
    (root / "texts.txt").write_text("".join(f"{name}|{word}\n" for name, word in WORDS.items()))
    return root


def test_rows_of_systems(sure, folders, tmp_path):
    done = sure(
        "judge",
        *("--recordings", folders / "real", "--speech", f"{folders / 'same'},{folders / 'other'}"),
        *("--output", tmp_path / "clips.jsonl", "--json"),
    )
    same, other = json.loads(done.stdout)
    assert (same["system"], same["clips"]) == ("same", 2)
    assert same["mcd"] == pytest.approx(0, abs=1e-6)
    assert same["f0_rmse"] == same["voicing_error"] == same["duration_error"] == 0
    assert other["mcd"] > 1 and other["f0_frame_error"] > 0 and other["duration_error"] > 0
    assert other["wer"] is None and other["speaker_cosine"] is None
    clips = [json.loads(line) for line in (tmp_path / "clips.jsonl").read_text().splitlines()]
    assert [(clip["system"], clip["name"]) for clip in clips] == [
        (system, name) for system in ("same", "other") for name in sorted(WORDS)
    ]
    assert other["mcd"] == pytest.approx(sum(clip["mcd"] for clip in clips[2:]) / 2)


def test_table_leaves_out_what_was_not_measured(sure, folders):
    lines = sure("judge", "--recordings", folders / "real", "--speech", folders / "other").stdout.splitlines()
    assert lines[0].split()[:3] == ["system", "clips", "MCD"] and "WER" not in lines[0]
    assert lines[1].split()[0] == "other"


def test_refuses_what_has_no_pair_and_half_of_a_pair_of_flags(attempt, folders, tmp_path):
    shutil.copy(next((folders / "real").iterdir()), tmp_path / "unknown.flac")
    check_refused(attempt("judge", "--recordings", folders / "real", "--speech", tmp_path), 1, "unknown", "real")
    check_refused(
        attempt("judge", "--recordings", folders / "real", "--speech", folders / "other", "--recogniser", "x"),
        2,
        "--recogniser",
        "--texts",
    )
