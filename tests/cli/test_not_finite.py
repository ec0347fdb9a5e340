"""Weights that are not finite are refused when they are read, by tensor and file, whatever the container."""

import json
import os
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from cli.conftest import check_refused

NAME = "wav2vec2.encoder.layers.0.attention.q_proj.weight"


def write_single(folder, tensors):
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    return folder / "model.safetensors"


def write_bin(folder, tensors):
    (folder / "model.safetensors").unlink()
    torch.save(tensors, folder / "pytorch_model.bin")
    return folder / "pytorch_model.bin"


def write_shards(folder, tensors):
    (folder / "model.safetensors").unlink()
    shards = {"one.safetensors": [NAME], "two.safetensors": [name for name in tensors if name != NAME]}
    for shard, names in shards.items():
        save_file({name: tensors[name] for name in names}, folder / shard, {"format": "pt"})
    weight_map = {name: shard for shard, names in shards.items() for name in names}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))
    return folder / "one.safetensors"


@pytest.mark.parametrize("kernels", ["", "aten"])
@pytest.mark.parametrize(
    ("write", "dtype", "value"),
    [
        (write_single, torch.float32, float("nan")),
        (write_single, torch.float16, float("inf")),
        (write_single, torch.float64, 1e300),
        (write_bin, torch.bfloat16, float("-inf")),
        (write_shards, torch.float32, float("nan")),
    ],
)
def test_a_model(attempt, on_tones, tiny_model, tmp_path, write, dtype, value, kernels):
    model = shutil.copytree(tiny_model("wav2vec2_base").path, tmp_path / "model")
    tensors = {name: tensor.to(dtype) for name, tensor in load_file(model / "model.safetensors").items()}
    tensors[NAME][3, 2] = value
    file = write(model, tensors)
    environment = os.environ | ({"SURE_KERNELS": kernels} if kernels else {})
    done = attempt("train", *on_tones, "--model", model, "--output_dir", tmp_path / "out", env=environment)
    check_refused(done, 1, file, f"'{NAME}'", "NaN or infinite")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kernels", ["", "aten"])
@pytest.mark.parametrize("name", ["feature_extractor.conv_layers.0.conv.weight", "encoder.layers.1.layer_norm.bias"])
def test_finite_numbers_that_overflow(attempt, on_tones, tiny_model, tmp_path, name, kernels):
    """Norms make numbers of infinite variances: 3e38 in one weight left a plausible transcript."""
    model = shutil.copytree(tiny_model("wav2vec2_base").path, tmp_path / "model")
    tensors = load_file(model / "model.safetensors")
    name = next(full for full in tensors if full.endswith(name))
    tensors[name].view(-1)[1] = 3e38
    file = write_single(model, tensors)
    environment = os.environ | ({"SURE_KERNELS": kernels} if kernels else {})
    done = attempt("train", *on_tones, "--model", model, "--output_dir", tmp_path / "out", env=environment)
    check_refused(done, 1, file, f"'{name}'", "3e+38", "too large")


def test_large_weights_are_fine(attempt, tiny_model, tmp_path):
    model = shutil.copytree(tiny_model("wav2vec2_base").path, tmp_path / "model")
    tensors = load_file(model / "model.safetensors")
    tensors[NAME].fill_(1e14)  # the sum of whose squares is none
    write_single(model, tensors)
    assert attempt("inspect", "--model", model).returncode == 0


def test_adapters(attempt, lora, tones, tmp_path):
    ours = shutil.copytree(lora / "best_model", tmp_path / "ours")
    export = ["export", "--adapter", ours, "--to", "peft", "--output_dir", tmp_path / "peft"]
    assert attempt(*export).returncode == 0
    for adapter, file in ((ours, "adapter.safetensors"), (tmp_path / "peft", "adapter_model.safetensors")):
        tensors = load_file(adapter / file)
        name = next(name for name in tensors if "lora_B" in name)
        tensors[name].view(-1)[-1] = float("nan")
        save_file(tensors, adapter / file)
        flags = ["--model", "random-tiny", "--labels", "high,low,mid"]
        done = attempt("predict", "--adapter", adapter, *flags, tones)
        check_refused(done, 1, adapter / file, name, "NaN or infinite")
