"""The recipes run with the original's switches and rates."""

import json
import os
import subprocess

import pytest

from programs import ROOT

METHODS = ["finetune", "bottleneck", "prefix", "lora", "conv_adapter"]


def run_recipe(name, sure_path, **environment):
    done = subprocess.run(
        ["bash", ROOT / "recipes" / name, "--max_steps", "1", "--max_samples", "3200"],
        env=os.environ | {"SURE": str(sure_path)} | {key: str(value) for key, value in environment.items()},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_emotion_recipe_trains_all_five_methods(sure_path, esd, tmp_path):
    run_recipe("emotion_cls.sh", sure_path, DATA_DIR=esd, OUTPUT_DIR=tmp_path, EXTRA="--seed 5")
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(METHODS)
    trained = {}
    for method in METHODS:
        config = json.loads((tmp_path / method / "config.json").read_text())
        expected = {"method": method, "learning_rate": 2e-3, "task": "emotion", "warmup_ratio": 0.1, "seed": 5}
        assert config.items() >= expected.items()
        assert (config["per_device_train_batch_size"], config["gradient_accumulation_steps"]) == (64, 4)
        results = json.loads((tmp_path / method / "results.json").read_text())
        assert 0 <= results["test"]["metrics"]["f1"] <= 1
        trained[method] = results["trained"]
    assert trained["finetune"] == max(trained.values()) and len(set(trained.values())) == len(METHODS)


@pytest.mark.parametrize("method, rate", [("conv_adapter", 2e-3), ("lora", 8e-6)])
def test_speaker_recipe_has_a_rate_for_each_method(sure_path, esd, tmp_path, method, rate):
    run_recipe("speaker_esd.sh", sure_path, DATA_DIR=esd, OUTPUT_DIR=tmp_path, METHODS=method)
    config = json.loads((tmp_path / method / "config.json").read_text())
    assert config["learning_rate"] == rate and config["task"] == "speaker"
    assert [p.name for p in tmp_path.iterdir()] == [method]


RECIPES = sorted(path.name for path in (ROOT / "recipes").glob("*.sh") if path.name != "five_methods.sh")


@pytest.mark.parametrize("name", RECIPES)
def test_recipe_says_what_it_needs(name):
    path = {"PATH": os.environ["PATH"]}
    done = subprocess.run(["bash", ROOT / "recipes" / name], env=path, capture_output=True, text=True)
    assert done.returncode != 0 and "DATA_DIR" in done.stderr
