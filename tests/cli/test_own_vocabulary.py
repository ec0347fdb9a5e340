"""Checkpoints that were trained for CTC go on with their own vocabulary: its letter case, its languages."""

import csv
import json

import pytest
from safetensors.torch import save_file

from cli.conftest import check_refused, write_tone
from tiny_models import load_ctc, make_tiny_ctc, randomise

UPPER = ["<pad>", "<unk>", "|", "A", "E", "N", "O", "Y", "S"]
LOWER = ["<pad>", "<unk>", "|", "a", "e", "é", "n", "o", "s", "y"]


@pytest.fixture
def spoken(tmp_path):
    """A manifest of tones with transcripts."""
    with open(tmp_path / "clips.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "text", "split"])
        for index, split in enumerate(("train", "train", "valid", "test")):
            path = write_tone(tmp_path / f"{index}.wav", 300.0 * (index + 1))
            rows.writerow([path, "Yes, no." if index % 2 else "No, yes!", split])
    return tmp_path / "clips.csv"


@pytest.fixture
def train(attempt, spoken, tmp_path):
    def run(model, method, *flags):
        data = ["--dataset", "manifest", "--data_dir", spoken, "--task", "asr", "--vocab", "model"]
        short = ["--max_steps", 2, "--per_device_train_batch_size", 2, "--output_dir", tmp_path / "out"]
        return attempt("train", *data, *short, "--model", model.path, "--method", method, *flags)

    return run


def test_upper_case(train, tiny_model, tmp_path):
    model = make_tiny_ctc(tiny_model("wav2vec2_base"), tmp_path / "model", UPPER)
    check_refused(train(model, "lora"), 2, "vocab.json", "--letter_case upper")
    done = train(model, "lora", "--letter_case", "upper")
    assert done.returncode == 0, done.stderr
    assert "starts as the checkpoint's own CTC head" in done.stdout
    adapter = json.loads((tmp_path / "out" / "best_model" / "adapter.json").read_text())
    assert adapter["labels"] == UPPER


def test_unknown_characters_are_counted_and_shown(train, tiny_model, tmp_path, spoken):
    spoken.write_text(spoken.read_text().replace("No, yes!", "No, yeß! Zeß"))
    model = make_tiny_ctc(tiny_model("wav2vec2_base"), tmp_path / "model", LOWER)
    done = train(model, "lora")
    note = "note: training transcripts: 3 characters are not in the vocabulary: 'z' 1, 'ß' 2; each becomes <unk>"
    assert done.returncode == 0 and note in done.stdout, done.stdout + done.stderr
    (model.path / "tokenizer_config.json").write_text(json.dumps({"unk_token": None}))
    done = train(model, "lora", "--overwrite_output_dir", "True")
    assert "'z' 1, 'ß' 2; they are left out" in done.stdout, done.stdout + done.stderr


def test_language(train, attempt, tiny_model, tmp_path):
    model = make_tiny_ctc(tiny_model("wav2vec2_mms"), tmp_path / "model", UPPER)
    french = load_ctc(model.path, vocab_size=len(LOWER), ignore_mismatched_sizes=True)
    randomise(french, seed=8)
    tensors = {name: value.detach().contiguous() for name, value in french._get_adapters().items()}
    save_file(tensors, model.path / "adapter.fra.safetensors")
    numbers = {"eng": UPPER, "fra": LOWER}
    nested = {name: {token: i for i, token in enumerate(tokens)} for name, tokens in numbers.items()}
    (model.path / "vocab.json").write_text(json.dumps(nested))

    check_refused(train(model, "language_adapter"), 1, "eng, fra")
    check_refused(train(model, "language_adapter", "--language", "eng", "--letter_case", "upper"), 1, "has fra")
    done = train(model, "language_adapter", "--language", "fra")
    assert done.returncode == 0, done.stderr
    assert "starts as the checkpoint's own CTC head" in done.stdout
    done = attempt("predict", "--adapter", tmp_path / "out" / "best_model", tmp_path / "0.wav")
    assert done.returncode == 0, done.stderr


def test_inspect_counts_a_recogniser_and_shows_its_head(sure, tiny_model, tmp_path):
    model = make_tiny_ctc(tiny_model("wav2vec2_base"), tmp_path / "model", UPPER)
    task = ("--task", "asr", "--num_labels", len(UPPER))
    done = sure("inspect", "--model", model.path, "--method", "lora", *task, "--json")
    report = json.loads(done.stdout)
    head = next(part for part in report["parts"] if part["part"] == "task head")
    assert head["trained"] == len(UPPER) * (48 + 1)
    assert report["ctc_head"] is True and "lm_head.weight" in report["unused_tensors"]


def test_method_without_attention_adapters(train, tiny_model, tmp_path):
    model = make_tiny_ctc(tiny_model("wav2vec2_base"), tmp_path / "model", LOWER)
    check_refused(train(model, "language_adapter"), 2, "--method language_adapter", "adapter_attn_dim")
