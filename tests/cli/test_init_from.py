"""--init_from: training goes on from an adapter."""

import json

import pytest

from .conftest import check_refused, write_tone

# No step changes anything, so that what a run ends with is what it started from.
STILL = ["--learning_rate", 1e-30, "--max_steps", 1, "--evaluation_strategy", "no"]


def train(sure, flags, folder, *more):
    return sure("train", *flags, *STILL, *more, "--output_dir", folder).stdout


def logits(sure, adapter, clip):
    line = json.loads(sure("predict", "--adapter", adapter, "--format", "jsonl", "--logits", clip).stdout)
    return line["logits"]


def same(ours, theirs):
    assert ours.keys() == theirs.keys()
    return all(ours[label] == pytest.approx(theirs[label], abs=1e-5) for label in ours)


@pytest.mark.parametrize("method", ["lora", "conv_adapter", "prefix", "finetune", "bottleneck", "head"])
def test_goes_on_where_the_adapter_was(sure, on_tones, tones, tmp_path, method):
    options = ["--lora_rank", 4] if method == "lora" else ["--prefix_seq_len", 5] if method == "prefix" else []
    first = tmp_path / "first"
    sure("train", *on_tones, "--method", method, *options, "--max_steps", 4, "--output_dir", first)
    said = train(sure, on_tones, tmp_path / "next", "--init_from", first)
    assert f"starts from {first}: its adapter and its head" in said
    config = json.loads((tmp_path / "next" / "config.json").read_text())
    assert config["method"] == method and config["init_from"] == str(first)
    clip = tones / "test" / "low" / "test0.wav"
    assert same(logits(sure, tmp_path / "next", clip), logits(sure, first / "best_model", clip))


def test_other_classes_get_a_new_head(sure, lora, tmp_path):
    for label in ("low", "high", "middle"):
        for part in ("train", "valid"):
            for number in range(2):
                write_tone(tmp_path / "data" / part / label / f"{part}{number}.wav", 300.0)
    flags = ["--dataset", "folder", "--data_dir", tmp_path / "data", "--max_samples", 3200]
    assert "a new head" in train(sure, flags, tmp_path / "next", "--init_from", lora / "best_model")


def test_contradictions_are_one_line(attempt, on_tones, lora, tmp_path):
    def refused(*flags):
        return attempt("train", *on_tones, "--init_from", lora, *flags, "--output_dir", tmp_path / "next")

    check_refused(refused("--method", "prefix"), 2, "--method prefix", "lora")
    check_refused(refused("--lora_rank", 2), 2, "--lora_rank 2", "8")
    check_refused(attempt("train", *on_tones, "--init_from", tmp_path / "none"), 1, tmp_path / "none")
    assert not (tmp_path / "next").exists()


def test_a_run_that_started_so_is_resumed(sure, attempt, on_tones, lora, tmp_path):
    flags = [*on_tones, "--save_strategy", "steps", "--save_steps", 1, "--output_dir", tmp_path / "next"]
    sure("train", *flags, "--init_from", lora, "--max_steps", 1)
    done = attempt("train", *flags, "--max_steps", 1, "--resume", "latest")
    check_refused(done, 2, "--init_from")
    assert "resumed" in sure("train", *flags, "--init_from", lora, "--max_steps", 1, "--resume", "latest").stdout


def test_another_backbone_is_named_once(attempt, on_tones, lora, tiny_model, tmp_path):
    other = tiny_model("wav2vec2_base").path
    flags = ["--init_from", lora / "best_model", *STILL, "--output_dir", tmp_path / "next"]
    flags = [other if flag == "random-tiny" else flag for flag in map(str, on_tones)] + flags
    done = attempt("train", *flags)
    check_refused(done, 1, "another backbone")
    assert done.stderr.count(str(other)) == 1  # and not as the one that the adapter was trained on
