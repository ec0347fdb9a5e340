"""What evaluations print: tables of any number of classes in 80 columns, names that hold anything, transcripts."""

import json
import unicodedata

import pytest

from cli.conftest import check_refused, write_tone

SHORT = ["--method", "head", "--max_steps", 1, "--max_samples", 1600, "--evaluation_strategy", "no"]
BAD_LABEL = "\x1b]0;pwned\x07\x1b[2Jzero\t0.99\nforged.wav\ttone"


def columns(line):
    """Columns that a line takes on a terminal."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in line)
    return len(line) + wide - sum(unicodedata.combining(character) > 0 for character in line)


def check_fits(text):
    assert max(map(columns, text.splitlines())) <= 80, text
    check_printable(text)


def check_printable(text):
    assert not any(unicodedata.category(character) == "Cc" for character in text.replace("\n", "")), repr(text)


@pytest.fixture(scope="module")
def labelled(tmp_path_factory):
    """labelled(LABELS): a manifest with a training and a test clip of each."""

    def make(labels):
        folder = tmp_path_factory.mktemp("labelled")
        rows = []
        for index, label in enumerate(labels):
            for split in ("train", "test"):
                write_tone(folder / f"{index}_{split}.wav", 150.0 + 20 * index, 0.1)
                rows.append(json.dumps({"path": f"{index}_{split}.wav", "label": label, "split": split}))
        (folder / "clips.jsonl").write_text("\n".join(rows) + "\n")
        return folder

    return make


@pytest.fixture(scope="module")
def trained(sure, labelled):
    """trained(LABELS): the output folder of a run on them, and the flags of its data."""

    def train(labels):
        folder = labelled(labels)
        data = ["--dataset", "manifest", "--data_dir", folder / "clips.jsonl"]
        done = sure("train", *data, *SHORT, "--output_dir", folder / "run")
        check_printable(done.stdout)
        check_fits(done.stdout[done.stdout.index("\ntest: ") : done.stdout.index("\nadapter: ")])
        return folder / "run", data

    return train


@pytest.fixture(scope="module")
def forty(trained):
    return trained([f"word{index}" for index in range(40)])


def test_short_labels_head_the_columns(sure, trained):
    run, data = trained(["angry", "happy", "neutral", "surprised, very much indeed"])
    text = sure("evaluate", "--adapter", run / "best_model", *data).stdout
    check_fits(text)
    assert "4 clips" in text and "precision" in text and "uar" in text
    assert "  neutral | " in text and "surprised, …" in text


def test_labels_that_begin_alike_are_told_apart(sure, trained):
    run, data = trained([f"speaker of the first group {index:02}" for index in range(7)])
    text = sure("evaluate", "--adapter", run / "best_model", *data).stdout
    check_fits(text)
    head = next(line for line in text.splitlines() if line.strip().startswith("true |"))
    assert len(set(head.split("|")[1].split())) >= 7 and "…" in head


def test_numbers_stand_for_labels_where_names_have_no_room(sure, trained):
    run, data = trained([f"command {index:02}" for index in range(20)])
    text = sure("evaluate", "--adapter", run / "best_model", *data).stdout
    check_fits(text)
    assert " 1  2  3 " in text and "20 command 19 |" in text


def test_a_matrix_without_room_is_told_by_its_worst_pairs(sure, forty):
    run, data = forty
    text = sure("evaluate", "--adapter", run / "best_model", *data).stdout
    check_fits(text)
    assert "confused most often (true → predicted):" in text and "--full_confusion" in text
    assert " |" not in text and "\nword39 " in text
    full = sure("evaluate", "--adapter", run / "best_model", *data, "--full_confusion", "True").stdout
    check_fits(full)
    ours = json.loads(sure("evaluate", "--adapter", run / "best_model", *data, "--json").stdout)
    row = [line for line in full.splitlines() if " word39 |" in line]
    counts = ours["confusion"][ours["labels"].index("word39")]
    assert [int(count) for line in row for count in line.split("|")[1].split()] == counts


def test_wide_labels_stand_below_each_other(sure, trained):
    run, data = trained(["怒り", "喜び", "中立です", "cafe\u0301", "🎵"])
    text = sure("evaluate", "--adapter", run / "best_model", *data).stdout
    check_fits(text)
    matrix = [line for line in text.splitlines() if " |" in line]
    assert len(matrix) == 6 and len({columns(line) for line in matrix}) == 1
    assert len({columns(line.split("|")[0]) for line in matrix}) == 1


def test_one_class_and_one_clip_are_said_so(sure, trained):
    run, data = trained(["only", "other"])
    rows = (data[3]).read_text().splitlines()
    (data[3].parent / "one.jsonl").write_text("\n".join(row for row in rows if '"only"' in row and "test" in row))
    text = sure("evaluate", "--adapter", run / "best_model", *data[:3], data[3].parent / "one.jsonl").stdout
    assert "· 1 clip\n" in text


def test_labels_never_reach_the_terminal_raw(sure, trained, tmp_path):
    run, data = trained(["low", BAD_LABEL])
    predictions = tmp_path / "p.csv"
    done = sure("evaluate", "--adapter", run / "best_model", *data, "--predictions", predictions)
    check_fits(done.stdout.split("clip by clip")[0])
    check_printable(done.stderr)
    check_printable(predictions.read_text())
    assert predictions.read_text().count("\n") == 3
    done = sure("evaluate", "--adapter", run / "best_model", *data, "--json")
    assert any(label.startswith(BAD_LABEL[:9]) for label in json.loads(done.stdout)["labels"])
    check_printable(done.stdout)


def test_error_lines_show_control_characters(attempt, tmp_path):
    done = attempt("evaluate", "--adapter", tmp_path / "a\nb\x1b[31m", "--dataset", "folder", "--data_dir", tmp_path)
    check_refused(done, 1, "a\\nb\\x1b[31m")


def test_names_of_clips_never_make_lines_of_their_own(attempt, forty, tmp_path):
    run, _ = forty
    done = attempt("predict", "--adapter", run / "best_model", tmp_path / "a\nsure: b\x1b[31m.wav")
    assert "a\\nsure: b\\x1b[31m.wav" in done.stderr
    assert not any(line.startswith("sure: b") for line in done.stderr.splitlines())
    check_printable(done.stderr)


def test_transcripts_are_shown_from_all_over_the_set(sure, tmp_path):
    rows = []
    for index in range(50):
        text = " ".join([f"speaker{index // 10}"] * 20)
        for split in ("train", "test"):
            write_tone(tmp_path / f"{split}{index}.wav", 200.0, 0.3)
            rows.append(json.dumps({"path": f"{split}{index}.wav", "text": text, "split": split}))
    (tmp_path / "clips.jsonl").write_text("\n".join(rows) + "\n")
    data = ["--dataset", "manifest", "--data_dir", tmp_path / "clips.jsonl"]
    sure("train", *data, "--task", "asr", *SHORT, "--output_dir", tmp_path / "run")
    text = sure("evaluate", "--adapter", tmp_path / "run" / "best_model", *data).stdout
    check_fits(text)
    assert all(f"speaker{index} " in text for index in range(5))
    assert "substitutions" in text and "words" in text and "1,000" in text


def test_unweighted_average_recall_can_choose_the_best_model(sure, on_tones, tmp_path):
    flags = ["--metric_for_best_model", "uar", "--method", "head", "--max_steps", 2, "--output_dir", tmp_path / "run"]
    sure("train", *on_tones, *flags, "--evaluation_strategy", "steps", "--eval_steps", 1, "--save_strategy", "no")
    results = json.loads((tmp_path / "run" / "results.json").read_text())
    assert results["best_metric"] == pytest.approx(results["valid"]["metrics"]["uar"])
    recalls = [scores["recall"] for scores in results["valid"]["per_class"].values()]
    assert results["best_metric"] == pytest.approx(sum(recalls) / 3)
