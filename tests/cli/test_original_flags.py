"""The original SURE program's command line keeps its meaning."""

import json

import pytest

from cli.conftest import check_refused

README_COMMAND = """--dataset "esd" --data_dir DATA --output_dir OUT --do_train True --do_eval True --do_predict False
 --evaluation_strategy "steps" --save_strategy "steps" --save_steps 500 --eval_steps 25 --learning_rate 2e-3
 --feat_adapter_name "conv_adapter" --trans_adapter_name "adapterblock" --output_adapter False --mh_adapter False
 --prefix_tuning False --lora_adapter False --feat_enc_adapter False --fine_tune True --per_device_train_batch_size 64
 --gradient_accumulation_steps 4 --per_device_eval_batch_size 64 --num_train_epochs 100 --warmup_ratio 0.1
 --logging_steps 20 --logging_dir OUT/log --load_best_model_at_end True --metric_for_best_model "f1" """


def test_readme_command_of_the_original(sure, esd, tmp_path):
    out = tmp_path / "out"
    words = README_COMMAND.replace('"', "").replace("DATA", str(esd)).replace("OUT", str(out)).split()
    sure("train", *words, "--max_steps", 3, "--max_samples", 3200)
    config = json.loads((out / "config.json").read_text())
    expected = {"method": "finetune", "task": "emotion", "learning_rate": 2e-3, "eval_steps": 25, "max_steps": 3}
    assert config.items() >= expected.items()
    results = json.loads((out / "results.json").read_text())
    assert results["trained"] == results["total"] and results["steps"] == 3
    assert results["metric"] == "f1" and "test" not in results
    assert results["labels"] == ["Angry", "Happy", "Neutral", "Surprise", "Sad"]
    assert (out / "best_model" / "adapter.safetensors").is_file()
    assert list((out / "log").glob("events.out.tfevents.*"))


def inspect(sure, *arguments):
    return json.loads(sure("inspect", "--model", "random-tiny", "--json", *arguments).stdout)


@pytest.mark.parametrize(
    "original, ours",
    [
        (["--fine_tune", "True"], ["--method", "finetune"]),
        (["--lora_adapter", "True", "--fine_tune", "False"], ["--method", "lora"]),
        (["--prefix_tuning=True", "--prefix_seq_len", "7"], ["--method", "prefix", "--prefix_seq_len", "7"]),
        (["--trans_adapter_name", "bottleneck", "--output_adapter", "True"], ["--method", "bottleneck"]),
        (["--trans_adapter_name", "adapterblock", "--output_adapter", "True"], ["--method", "conv_adapter"]),
        (["--trans_adapter_name", "conv_adapter"], ["--method", "conv_adapter"]),
        (
            ["--trans_adapter_name", "bottleneck", "--mh_adapter", "True"],
            ["--method", "bottleneck", "--mh_adapter", "True", "--output_adapter", "False"],
        ),
        (
            ["--trans_adapter_name", "adapterblock", "--mh_adapter", "True", "--output_adapter", "True"],
            ["--method", "conv_adapter", "--mh_adapter", "True"],
        ),
        (
            ["--lora_adapter", "--feat_enc_adapter", "--feat_adapter_name", "conv_adapter"],
            ["--method", "lora", "--feat_enc_adapter", "True"],
        ),
    ],
)
def test_switches_stand_for_methods(sure, original, ours):
    assert inspect(sure, *original) == inspect(sure, *ours)


def test_places_of_an_adapter_differ(sure):
    after_attention = inspect(sure, "--trans_adapter_name", "bottleneck", "--mh_adapter", "True")
    both = inspect(sure, "--method", "bottleneck", "--mh_adapter", "True")
    adapters = [next(p["trained"] for p in r["parts"] if p["part"] == "adapters") for r in (after_attention, both)]
    assert adapters[1] == 2 * adapters[0] > 0


@pytest.mark.parametrize(
    "arguments, words",
    [
        ("--fine_tune True --lora_adapter True", ["--fine_tune True", "--lora_adapter True"]),
        ("--method lora --fine_tune True", ["--method lora", "--fine_tune True"]),
        (
            "--prefix_tuning True --trans_adapter_name bottleneck --output_adapter True",
            ["--prefix_tuning", "--trans_adapter_name"],
        ),
        ("--method lora --output_adapter True", ["--method lora", "--output_adapter True"]),
        ("--fine_tune True --mh_adapter True", ["--fine_tune True", "--mh_adapter True"]),
        ("--output_adapter True", ["--output_adapter True", "--trans_adapter_name"]),
        ("--trans_adapter_name adapterblock --output_adapter False", ["--trans_adapter_name", "--output_adapter"]),
        ("--trans_adapter_name houlsby --output_adapter True", ["houlsby", "adapterblock"]),
        ("--feat_adapter_name bottleneck", ["--feat_adapter_name", "conv_adapter"]),
        ("--fine_tune False --lora_adapter False --prefix_tuning False", ["--lora_adapter", "--method"]),
    ],
)
def test_contradictions_name_both_flags(attempt, tmp_path, arguments, words):
    run = ["--dataset", "esd", "--data_dir", tmp_path, "--output_dir", tmp_path / "out"]
    check_refused(attempt("train", *run, *arguments.split()), 2, *words)
    assert not (tmp_path / "out").exists()


def test_half_precision_of_the_original_is_bfloat16(sure, on_tones, tmp_path):
    sure("train", *on_tones, "--fp16", "True", "--max_steps", 1, "--output_dir", tmp_path / "out")
    assert json.loads((tmp_path / "out" / "config.json").read_text())["bf16"] is True
