"""Numbers that make no sense are found before anything is read."""

import json

import pytest

from cli.conftest import check_refused

MOST = 2**63 - 1

BAD = [
    ("lora_rank", 0),
    ("lora_rank", -1),
    ("lora_rank", MOST),
    ("gradient_accumulation_steps", MOST),
    ("per_device_train_batch_size", MOST),
    ("per_device_eval_batch_size", MOST),
    ("max_steps", MOST),
    ("eval_steps", MOST),
    ("warmup_steps", MOST),
    ("num_train_epochs", 1e300),
    ("batch_seconds", 1e300),
    ("seed", MOST),
    ("max_samples", MOST),
    ("max_samples", -2),
    ("classifier_proj_size", MOST),
    ("mask_time_length", MOST),
    ("dropout", 1),
    ("padding", "both"),
    ("beam_width", 0),
]


@pytest.mark.parametrize("flag, value", BAD, ids=[f"{flag}={value}" for flag, value in BAD])
def test_refused_before_the_corpus_and_the_model_are_read(attempt, tmp_path, flag, value):
    nowhere = ["--dataset", "folder", "--data_dir", tmp_path / "no_data", "--model", tmp_path / "no_model"]
    check_refused(attempt("train", *nowhere, "--output_dir", tmp_path / "out", f"--{flag}", value), 2, f"--{flag}")


@pytest.mark.parametrize("method", ["finetune", "bottleneck", "prefix", "conv_adapter", "head"])
def test_options_of_other_methods_do_not_matter(sure, on_tones, tmp_path, method):
    others = ["--lora_targets", "no_such_layer", "--lora_rank", 0]
    sure("train", *on_tones, "--method", method, *others, "--max_steps", 1, "--output_dir", tmp_path)


@pytest.mark.parametrize("step", [-1, 2**62, 4])
def test_a_checkpoint_of_no_such_step_is_refused(attempt, sure, on_tones, tmp_path, step):
    run = ["train", *on_tones, "--max_steps", 3, "--save_strategy", "steps", "--save_steps", 1, "--output_dir"]
    sure(*run, tmp_path / "run")
    state = tmp_path / "run" / "checkpoint-3" / "trainer_state.json"
    state.write_text(json.dumps(json.loads(state.read_text()) | {"step": step}))
    done = attempt(*run, tmp_path / "again", "--resume", state.parent)
    check_refused(done, 1, state, f"'step' is {step}")


def test_help_lists_what_the_tables_hold(sure):
    text = " ".join(sure("train", "--help-all").stdout.split())
    for word in ("language_adapter", "low-rank updates", "three_phase", "up over the warm-up", "voxpopuli", "who speaks"):
        assert word in text, word
