"""Flags, their spellings, and the configuration file."""

import json

import pytest

from cli.conftest import check_refused


@pytest.mark.parametrize(
    "command, flag, meant",
    [
        ("train", "--learning_rat=1", "--learning_rate"),
        ("train", "--modle", "--model"),
        ("train", "--fine_tuen", "--fine_tune"),
        ("predict", "--adaptor", "--adapter"),
        ("inspect", "--num_label", "--num_labels"),
        ("compare", "--method_s", "--methods"),
    ],
)
def test_unknown_flag_names_the_nearest(attempt, command, flag, meant):
    check_refused(attempt(command, flag), 2, f"did you mean {meant}?")


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["--max_steps", "many"], ["--max_steps", "'many'", "number"]),
        (["--learning_rate", "nan"], ["--learning_rate", "'nan'"]),
        (["--do_train=maybe"], ["--do_train", "'maybe'", "True or False"]),
        (["--model", "--task", "emotion"], ["--model", "--task"]),
        (["--model"], ["--model"]),
        (["stray"], ["'stray'"]),
        (["--dataset", "esdd", "--data_dir", "."], ["'esdd'", "speech_commands"]),
        (["--dataset", "esd", "--data_dir", ".", "--method", "loar"], ["'loar'", "conv_adapter"]),
        (["--dataset", "esd", "--data_dir", ".", "--task", "ESR"], ["classify"]),
        (["--dataset", "esd"], ["--data_dir"]),
        (["--dataset", "esd", "--data_dir", ".", "--num_train_epochs", "-3"], ["--num_train_epochs"]),
    ],
)
def test_bad_value_is_a_usage_error(attempt, arguments, words):
    check_refused(attempt("train", *arguments), 2, *words)


def config_of(sure, folder, *arguments):
    sure("train", *arguments, "--output_dir", folder)
    return json.loads((folder / "config.json").read_text())


def test_saved_configuration_repeats_the_run(sure, on_tones, tmp_path):
    flags = [*on_tones, "--max_steps", 2, "--method", "bottleneck", "--seed", 7, "--group_by_length"]
    first = config_of(sure, tmp_path / "a", *flags)
    assert first["method"] == "bottleneck" and first["seed"] == 7 and first["group_by_length"] is True
    second = config_of(sure, tmp_path / "b", "--config", tmp_path / "a" / "config.json")
    assert second == first | {"output_dir": str(tmp_path / "b")}
    weights = [(tmp_path / name / "best_model" / "adapter.safetensors").read_bytes() for name in "ab"]
    assert weights[0] == weights[1]


def test_command_line_overrides_the_configuration(sure, on_tones, tmp_path):
    (tmp_path / "flags.json").write_text(json.dumps({"max_steps": 9, "seed": 5, "lora_targets": ["q_proj"]}))
    arguments = ["--seed", 6, "--config", tmp_path / "flags.json", *on_tones, "--max_steps=1"]
    config = config_of(sure, tmp_path / "out", *arguments)
    assert (config["max_steps"], config["seed"], config["lora_targets"]) == (1, 6, ["q_proj"])


@pytest.mark.parametrize(
    "text, word", [('{"sed": 1}', "'sed'"), ('{"seed": "x"}', "'seed'"), ("{", "JSON"), ("[]", "array")]
)
def test_bad_configuration_is_refused(attempt, on_tones, tmp_path, text, word):
    path = tmp_path / "flags.json"
    path.write_text(text)
    check_refused(attempt("train", "--config", path, *on_tones, "--output_dir", tmp_path / "out"), 1, path, word)
    assert not (tmp_path / "out").exists()


def test_missing_configuration_is_named(attempt, tmp_path):
    check_refused(attempt("train", "--config", tmp_path / "none.json"), 1, tmp_path / "none.json")


def test_spellings_of_hugging_face(sure, on_tones, tmp_path):
    arguments = ["--model_name_or_path", "random-tiny", "--eval_strategy", "no", "--lora_targets", "q_proj,v_proj"]
    config = config_of(sure, tmp_path / "out", *on_tones, *arguments, "--max_steps", 1)
    assert config["model"] == "random-tiny" and config["evaluation_strategy"] == "no"
    assert config["lora_targets"] == ["q_proj", "v_proj"]


@pytest.mark.parametrize(
    "written, name, value",
    [
        (["--learning-rate", "0.5"], "learning_rate", 0.5),
        (["--lr=0.5"], "learning_rate", 0.5),
        (["--epochs", 3], "num_train_epochs", 3),
        (["--batch_size", 2], "per_device_train_batch_size", 2),
        (["--batch-size", 2], "per_device_train_batch_size", 2),
        (["--rank", 4], "lora_rank", 4),
        (["--alpha", 4], "lora_alpha", 4),
        (["--group-by-length"], "group_by_length", True),
    ],
)
def test_short_and_dashed_spellings_lead_to_the_flag(sure, on_tones, tmp_path, written, name, value):
    config = config_of(sure, tmp_path / "out", *on_tones, "--method", "lora", "--max_steps", 1, *written)
    assert config[name] == value


def test_a_short_flag_names_the_output(sure, on_tones, tmp_path):
    sure("train", *on_tones, "--max_steps", 1, "-o", tmp_path / "out")
    assert (tmp_path / "out" / "results.json").is_file()


def test_two_dashes_end_the_flags(sure, lora, tones, tmp_path):
    clip = tmp_path / "--odd=name.wav"
    clip.write_bytes(next(tones.rglob("*.wav")).read_bytes())
    done = sure("predict", "--adapter", lora / "best_model", "--", clip.name, cwd=tmp_path)
    assert clip.name in done.stdout


def test_two_dashes_without_positionals_are_refused(attempt):
    check_refused(attempt("train", "--", "stray"), 2, "'stray'")
    check_refused(attempt("train", "-"), 2, "unexpected argument '-'")
    check_refused(attempt("train", "---"), 2, "unknown flag")


def test_configuration_in_yaml(sure, on_tones, tmp_path):
    (tmp_path / "flags.yaml").write_text(
        "max-steps: 1  # dashes\nlearning_rate: 1e-3\nlora_targets: [q_proj, v_proj]\ngroup_by_length: true\nmethod: lora\n"
    )
    config = config_of(sure, tmp_path / "out", "--config", tmp_path / "flags.yaml", *on_tones)
    assert (config["max_steps"], config["learning_rate"], config["group_by_length"]) == (1, 1e-3, True)
    assert config["lora_targets"] == ["q_proj", "v_proj"]


def test_configuration_spells_flags_as_the_command_line_does(sure, attempt, on_tones, tmp_path):
    (tmp_path / "flags.yaml").write_text("lr: 2e-3\nsteps: 1\nbatch-size: 2\nrank: 4\n")
    flags = ["--config", tmp_path / "flags.yaml", *on_tones]
    config = config_of(sure, tmp_path / "out", *flags)
    assert (config["learning_rate"], config["max_steps"], config["lora_rank"]) == (2e-3, 1, 4)
    (tmp_path / "flags.yaml").write_text("lr: 2e-3\nlearning_rate: 1e-3\n")
    check_refused(attempt("train", *flags, "--output_dir", tmp_path / "two"), 1, "'learning_rate' stands twice")


def test_yaml_words_are_booleans_where_a_boolean_is_wanted(sure, on_tones, tmp_path):
    words = "group_by_length: yes\ndo_predict: Off\nload_best_model_at_end: no\nbf16: on\nsave_strategy: no\ncache: off\n"
    (tmp_path / "flags.yaml").write_text(words)
    config = config_of(sure, tmp_path / "out", "--config", tmp_path / "flags.yaml", *on_tones, "--max_steps", 1)
    assert config["group_by_length"] is True and config["bf16"] is True
    assert config["do_predict"] is False and config["load_best_model_at_end"] is False
    assert (config["save_strategy"], config["cache"]) == ("no", "off")


def test_a_single_dash_is_no_flag_of_several_letters(attempt, tmp_path):
    check_refused(attempt("train", "-output_dir", tmp_path / "out"), 2, "-output_dir", "did you mean --output_dir?")


@pytest.mark.parametrize(
    "text, words",
    [
        ("seed: x", ["'seed'"]),
        ("max_steps: 1.5", ["'max_steps'", "whole number"]),
        ("a: [1,", ["line", "YAML"]),
        ("seed: 1\nseed: 2", ["line 2", "twice"]),
        ("seed:", ["line 1"]),
        ("max_steps: 1\nseed:\n", ["line 2", "'seed'"]),
        ("lerning_rate: 1", ["'learning_rate'?"]),
    ],
)
def test_bad_yaml_is_refused(attempt, on_tones, tmp_path, text, words):
    path = tmp_path / "flags.yml"
    path.write_text(text)
    check_refused(attempt("train", "--config", path, *on_tones, "--output_dir", tmp_path / "out"), 1, path, *words)
