"""sure evaluate on whatever is labelled: sets without training clips or splits, a run's own data, clip by clip."""

import csv
import json

import pytest

from cli.conftest import LABELS, PITCHES, SMALL, check_refused, write_tone


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """rows(NAME, (LABEL, SPLIT)…): a manifest of tones with these labels, and splits unless they are None."""
    folder = tmp_path_factory.mktemp("rows")

    def write(name, *labels):
        lines = []
        for index, (label, split) in enumerate(labels):
            write_tone(folder / f"{name}{index}.wav", PITCHES.get(label, 900.0))
            row = {"path": f"{name}{index}.wav", "label": label, "speaker": f"s{index % 2}"}
            lines.append(json.dumps(row | ({"split": split} if split else {})))
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
        return ["--dataset", "manifest", "--data_dir", folder / f"{name}.jsonl"]

    return write


@pytest.fixture(scope="module")
def measure(sure, lora):
    """measure(*FLAGS): what `sure evaluate --json` says of the adapter for tones."""

    def run(*flags):
        return json.loads(sure("evaluate", "--adapter", lora / "best_model", *flags, "--json").stdout)

    return run


def test_a_set_of_test_rows_only_is_measured_whole(measure, rows):
    data = rows("tests", *[(label, "test") for label in LABELS * 2])
    ours = measure(*data)
    assert ours["clips"] == 6 and ours["task"] == "classify"
    assert {label: scores["support"] for label, scores in ours["per_class"].items()} == dict.fromkeys(LABELS, 2)


def test_a_set_of_validation_rows_only_is_measured_whole(sure, lora, rows):
    done = sure("evaluate", "--adapter", lora / "best_model", *rows("valids", *[(label, "dev") for label in LABELS]))
    assert "no test clips: the validation split's 3 clips are evaluated" in done.stderr
    assert "· valid · 3 clips" in done.stdout


def test_a_set_without_splits_is_measured_whole(sure, measure, rows):
    data = rows("unsplit", *[(label, None) for label in LABELS])
    for split in ([], ["--split", "all"]):
        assert measure(*data, *split)["clips"] == 3


def test_a_folder_without_splits_is_measured_whole(measure, tmp_path):
    for label in LABELS:
        for clip in range(2):
            write_tone(tmp_path / label / f"{clip}.wav", PITCHES[label])
    assert measure("--dataset", "folder", "--data_dir", tmp_path)["clips"] == 6


def test_all_is_every_split(measure, on_tones):
    assert [measure(*on_tones[:4], "--split", split)["clips"] for split in ("train", "valid", "test", "all")] == [
        12,
        6,
        6,
        24,
    ]


def test_a_split_that_is_not_there_lists_those_that_are(attempt, lora, rows):
    data = rows("trains", ("low", "train"), ("high", "train"))
    done = attempt("evaluate", "--adapter", lora / "best_model", *data)
    check_refused(done, 2, "test", "train")


def test_labels_that_the_model_does_not_know_are_told(sure, lora, rows):
    data = rows("birds", ("low", "test"), ("bird", "test"), ("bird", "test"), ("high", "test"))
    done = sure("evaluate", "--adapter", lora / "best_model", *data)
    assert "2 of 4 clips have labels that the model does not know: bird 2; they are left out" in done.stderr
    assert "· 2 clips" in done.stdout


def test_labels_that_are_all_unknown_are_refused(attempt, lora, rows):
    data = rows("only_birds", ("bird", "test"), ("cow", "test"))
    check_refused(attempt("evaluate", "--adapter", lora / "best_model", *data), 1, "bird 1, cow 1", "high, low, mid")


def test_another_task_is_refused_unless_it_is_answered_alike(attempt, measure, lora, rows):
    data = rows("tasks", *[(label, "test") for label in LABELS])
    assert measure(*data, "--task", "keyword")["clips"] == 3
    done = attempt("evaluate", "--adapter", lora / "best_model", *data, "--task", "asr")
    check_refused(done, 2, "--task asr", "classify")
    done = attempt("evaluate", "--adapter", lora / "best_model", "--dataset", "fsdd", "--data_dir", ".")
    check_refused(done, 2, "fsdd", "--task keyword or --task speaker")
    done = attempt("evaluate", "--adapter", lora / "best_model", "--dataset", "audio_snips", "--data_dir", ".")
    check_refused(done, 2, "audio_snips", "classify")


def test_a_run_is_measured_on_its_own_splits(sure, tmp_path):
    """Drawn ones too: only the run knows its seed."""
    for label in LABELS:
        for clip in range(10):
            write_tone(tmp_path / "data" / label / f"{clip}.wav", PITCHES[label])
    run = tmp_path / "run"
    data = ["--dataset", "folder", "--data_dir", tmp_path / "data", "--split_seed", 5, "--task", "keyword"]
    sure("train", *data, *SMALL, "--method", "head", "--max_steps", 3, "--output_dir", run)
    trained = json.loads((run / "results.json").read_text())
    for split in ("test", "valid"):
        ours = json.loads(sure("evaluate", "--run", run, "--split", split, "--json").stdout)
        assert ours["metrics"] == pytest.approx(trained[split]["metrics"], rel=1e-6)
        assert ours["confusion"] == trained[split]["confusion"] and ours["task"] == "keyword"
    (tmp_path / "data").rename(tmp_path / "moved")
    ours = json.loads(sure("evaluate", "--run", run, "--data_dir", tmp_path / "moved", "--json").stdout)
    assert ours["confusion"] == trained["test"]["confusion"]


def test_a_run_is_measured_on_other_data_too(sure, lora, rows):
    """Which need not have the run's speakers, nor clips to train on."""
    other = rows("others", *[(label, "test") for label in LABELS])
    ours = json.loads(sure("evaluate", "--run", lora, *other, "--json").stdout)
    assert (ours["dataset"], ours["clips"]) == ("manifest", 3)


def test_a_run_whose_data_moved_says_so(attempt, lora, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "best_model").symlink_to(lora / "best_model")
    config = json.loads((lora / "config.json").read_text()) | {"data_dir": str(tmp_path / "gone")}
    (run / "config.json").write_text(json.dumps(config))
    check_refused(attempt("evaluate", "--run", run), 1, tmp_path / "gone", "--data_dir")


def test_what_is_no_run_is_refused(attempt, lora, tmp_path):
    check_refused(attempt("evaluate", "--run", lora / "best_model"), 1, "no config.json", "--output_dir")
    check_refused(attempt("evaluate", "--run", tmp_path / "none"), 1, "no such folder")


def test_predictions_clip_by_clip(sure, lora, on_tones, tmp_path):
    flags = ["evaluate", "--adapter", lora / "best_model", *on_tones[:4], "--json"]
    ours = json.loads(sure(*flags, "--predictions", tmp_path / "p.csv").stdout)
    table = list(csv.DictReader((tmp_path / "p.csv").open(newline="")))
    assert len(table) == ours["clips"] == 6
    assert sum(row["correct"] == "true" for row in table) / 6 == pytest.approx(ours["metrics"]["accuracy"])
    for row in table:
        chances = {label: float(row[f"prob_{label}"]) for label in LABELS}
        assert row["predicted"] == max(chances, key=chances.get) and sum(chances.values()) == pytest.approx(1)
        assert row["true"] in row["path"] and (row["correct"] == "true") == (row["true"] == row["predicted"])
    sure(*flags, "--predictions", tmp_path / "p.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "p.jsonl").read_text().splitlines()]
    assert [line["path"] for line in lines] == [row["path"] for row in table]
    assert lines[0]["probabilities"][LABELS[0]] == pytest.approx(float(table[0][f"prob_{LABELS[0]}"]))


def test_predictions_of_another_kind_are_refused_before_the_work(attempt, lora, on_tones, tmp_path):
    flags = ["evaluate", "--adapter", lora / "best_model", *on_tones[:4], "--predictions"]
    check_refused(attempt(*flags, tmp_path / "p.xlsx"), 2, "p.xlsx", ".csv or .jsonl")
    check_refused(attempt(*flags, tmp_path / "none" / "p.csv"), 1, "no such folder")


def test_what_is_cut_is_told(sure, lora, rows, tmp_path):
    """The adapter was trained on 0.2 s of each clip."""
    data = rows("lengths", ("low", "test"), ("high", "test"))
    write_tone(data[3].parent / "lengths1.wav", PITCHES["high"], 0.1)
    done = sure("evaluate", "--adapter", lora / "best_model", *data)
    assert done.stderr.count("cut to 0.2 s: 1 of 2 clips is longer") == 1
