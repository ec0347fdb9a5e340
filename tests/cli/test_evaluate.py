"""sure evaluate, sure inspect and sure export on a trained adapter."""

import json

import pytest

from cli.conftest import LABELS, SMALL, check_refused, write_tone


def test_evaluate_repeats_the_training_run_s_results(sure, lora, on_tones):
    data = on_tones[:4]
    trained = json.loads((lora / "results.json").read_text())
    for split in ("valid", "test"):
        done = sure("evaluate", "--adapter", lora / "best_model", *data, "--split", split, "--json")
        ours = json.loads(done.stdout)
        assert ours["metrics"] == pytest.approx(trained[split]["metrics"], rel=1e-6)  # other batches
        assert ours["confusion"] == trained[split]["confusion"]


def test_evaluate_prints_a_table(sure, lora, on_tones):
    text = sure("evaluate", "--adapter", lora / "best_model", *on_tones[:4]).stdout
    assert "accuracy" in text and all(label in text for label in LABELS)


def test_a_long_name_is_not_cut_inside_a_character(sure, tmp_path):
    for label in ("abcdefghijkéé", "low"):
        for part in ("train", "valid", "test"):
            write_tone(tmp_path / "data" / part / label / "1.wav", 200.0)
    flags = ["--dataset", "folder", "--data_dir", tmp_path / "data", *SMALL, "--max_steps", 1]
    assert "abcdefghijk…" in sure("train", *flags, "--output_dir", tmp_path / "out").stdout


def test_peft_adapter_takes_the_data_set_s_labels(sure, lora, on_tones, tmp_path):
    sure("export", "--adapter", lora / "best_model", "--to", "peft", "--output_dir", tmp_path / "peft")
    arguments = ["--model", "random-tiny", "--max_samples", 3200, "--json", *on_tones[:4]]
    theirs = json.loads(sure("evaluate", "--adapter", tmp_path / "peft", *arguments).stdout)
    ours = json.loads(sure("evaluate", "--adapter", lora / "best_model", *arguments).stdout)
    assert theirs["labels"] == LABELS and theirs["confusion"] == ours["confusion"]
    assert any("does not name its 3 classes" in note and "high, low, mid" in note for note in theirs["notes"])
    assert theirs["metrics"]["loss"] == pytest.approx(ours["metrics"]["loss"], rel=1e-5)


def test_labels_from_a_file(sure, lora, on_tones, tmp_path):
    (tmp_path / "labels.txt").write_text("\n".join(LABELS) + "\n")
    arguments = [*on_tones[:4], "--labels", tmp_path / "labels.txt", "--json"]
    done = sure("evaluate", "--adapter", lora / "best_model", *arguments)
    assert json.loads(done.stdout)["labels"] == LABELS


def test_export_refuses_a_folder_with_other_things(attempt, lora, tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    done = attempt("export", "--adapter", lora / "best_model", "--to", "peft", "--output_dir", tmp_path)
    check_refused(done, 2, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_inspect_counts_what_trains(sure, lora):
    trained = json.loads((lora / "results.json").read_text())
    done = sure("inspect", "--model", "random-tiny", "--method", "lora", "--num_labels", 3, "--json")
    ours = json.loads(done.stdout)
    assert (ours["trained"], ours["total"]) == (trained["trained"], trained["total"])
    assert sum(part["total"] for part in ours["parts"]) == ours["total"]


def test_inspect_lists_an_adapter(sure, lora):
    ours = json.loads(sure("inspect", "--adapter", lora / "best_model", "--json").stdout)
    assert ours["labels"] == LABELS and ours["method"] == "lora"
    assert ours["tensors"]["adapter.encoder.layers.0.attention.q_proj.lora_A"] == [8, 128]
    assert "head.classifier.weight" in sure("inspect", "--adapter", lora / "best_model").stdout


def test_inspect_lists_unused_tensors(sure, tiny_model):
    tiny = tiny_model("wav2vec2_base")
    ours = json.loads(sure("inspect", "--model", tiny.path, "--method", "lora", "--json").stdout)
    assert set(ours["unused_tensors"]) == {f"{m}.{t}" for m in ("projector", "classifier") for t in ("weight", "bias")}


def test_adapter_trained_on_8_bit_weights_works_without_them(sure, attempt, on_tones, tmp_path):
    done = attempt("train", *on_tones, "--int8", "True", "--max_steps", 2, "--output_dir", tmp_path / "out")
    if "no 8-bit products" in done.stderr:
        pytest.skip("this processor has no 8-bit products")
    assert done.returncode == 0, done.stderr
    adapter = tmp_path / "out" / "best_model"
    for int8 in ("True", "False"):
        sure("evaluate", "--adapter", adapter, *on_tones[:4], "--int8", int8)
    sure("export", "--adapter", adapter, "--to", "peft", "--output_dir", tmp_path / "exported")
