"""sure inspect --dataset."""

import json

import pytest

from cli.conftest import LABELS, check_refused, write_tone


def test_counts_a_data_set(sure, tones):
    ours = json.loads(sure("inspect", "--dataset", "folder", "--data_dir", tones, "--json").stdout)
    assert ours["task"] == "classify" and ours["labels"] == LABELS
    train = ours["splits"]["train"]
    assert train["clips"] == 12 and train["labels"] == dict.fromkeys(LABELS, 4)
    assert train["hours"] == pytest.approx(12 * 0.25 / 3600)


def test_prints_a_table_with_the_characters_of_transcripts(sure, tmp_path):
    for name in ("a", "b"):
        write_tone(tmp_path / f"{name}.wav", 200.0)
    (tmp_path / "m.csv").write_text("path,text,speaker,split\na.wav,a ñ,anna,train\nb.wav,a,bert,valid\n")
    text = sure("inspect", "--dataset", "manifest", "--data_dir", tmp_path / "m.csv", "--task", "asr").stdout
    assert "characters: (space) a ñ\n" in text and "note: the test split is empty\n" in text
    assert text.split("\n")[3].split() == ["train", "1", "0.00", "1", "3"]


def test_adapter_and_data_set_together_are_refused(attempt, tones):
    done = attempt("inspect", "--adapter", "x", "--dataset", "folder", "--data_dir", tones)
    check_refused(done, 2, "--adapter", "--dataset")


def test_names_the_languages_that_are_there(sure, tmp_path):
    for language in ("de_de", "en_us"):
        for part in ("train", "dev", "test"):
            write_tone(tmp_path / language / "audio" / part / "1.wav", 200.0)
            (tmp_path / language / f"{part}.tsv").write_text("7\t1.wav\tA.\ta\ta |\t4000\tMALE\n")
    flags = ["inspect", "--dataset", "fleurs", "--data_dir", tmp_path]
    assert json.loads(sure(*flags, "--json").stdout)["languages"] == ["de_de", "en_us"]
    assert "languages here: de_de, en_us\n" in sure(*flags).stdout
    assert "languages here" not in sure(*flags[:-1], tmp_path / "de_de").stdout
