"""What the user is told of the cache of frozen activations, and what runs leave in its folder."""

import pytest

from cli.conftest import shown_on_terminal

BRIEF = ["--max_steps", 1, "--do_eval", "False", "--do_predict", "False"]


@pytest.mark.parametrize(
    "flags, reason",
    [
        (["--method", "finetune", "--freeze_layers", 1], "front-end or the projection trains"),
        (["--method", "lora", "--feat_enc_adapter"], "front-end or the projection trains"),
        (["--method", "lora", "--mask_time_prob", 0.1], "SpecAugment"),
        (["--method", "lora", "--mask_feature_prob", 0.1], "SpecAugment"),
        (["--method", "lora", "--dropout", 0.1], "--dropout 0"),
        (["--method", "lora", "--speed_perturbation", 0.1], "--cache_copies 3"),
    ],
)
def test_why_it_is_off(sure, on_tones, tmp_path, flags, reason):
    done = sure("train", *on_tones, *flags, *BRIEF, "--cache", "disk", "--output_dir", tmp_path)
    off = [line for line in done.stdout.splitlines() if "cache" in line]
    assert len(off) == 1 and off[0].startswith("--cache is off: ") and reason in off[0]
    assert not (tmp_path / "cache").exists()


def test_terminal_gets_the_reason_beside_the_bar(sure_path, on_tones, tmp_path):
    command = [sure_path, "train", *on_tones, "--method", "lora", "--dropout", 0.1, "--cache", "memory", *BRIEF]
    text = shown_on_terminal([*command, "--output_dir", tmp_path])
    assert "--cache is off: dropout" in text and "step 1/1" in text


def test_full_folder_is_told_and_keeps_its_size(sure, on_tones, tmp_path):
    run = ["train", *on_tones, "--method", "lora", "--max_steps", 6, "--cache", "disk", "--cache_dir", tmp_path / "cache"]
    run += ["--do_predict", "False"]

    def size():
        return sum(file.stat().st_size for file in (tmp_path / "cache").rglob("*.activation"))

    assert "--cache_gb" not in sure(*run, "--output_dir", tmp_path / "roomy").stdout
    whole = size()
    gigabytes = 1.02 * whole / 2**30
    done = sure(*run, "--tune_layers", "2-3", "--cache_gb", gigabytes, "--output_dir", tmp_path / "other_settings")
    assert "--cache_gb" not in done.stdout and size() <= 1.02 * whole
    done = sure(*run, "--cache_gb", gigabytes / 2, "--output_dir", tmp_path / "small")
    assert done.stdout.count("--cache_gb") == 1 and size() <= 1.02 * whole / 2
