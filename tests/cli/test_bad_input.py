"""Bad input gets one clear line, the right exit code, and leaves nothing half-written."""

import json
import os
import pickle
import random
import resource
import shutil
import signal
import struct

import numpy
import pytest
import soundfile
import torch

from cli.conftest import RATE, SMALL, check_refused, write_tone


def leftovers(folder):
    """Files under temporary names, and models that must not be there."""
    return [p for p in folder.rglob("*") if ".tmp" in p.name or p.name in ("best_model", "results.json")]


@pytest.fixture
def data(tmp_path):
    """A `folder` data set of its own, to be spoilt: one clip of each class and split."""
    for part in ("train", "valid", "test"):
        for label, pitch in (("a", 300.0), ("b", 900.0)):
            write_tone(tmp_path / "data" / part / label / "clip.wav", pitch)
    return tmp_path / "data"


@pytest.fixture
def train(attempt, data, tmp_path):
    """Trains on it; the output folder is tmp_path/out."""

    def run(*arguments, **options):
        flags = ["--dataset", "folder", "--data_dir", data, "--output_dir", tmp_path / "out", "--max_steps", 2, *SMALL]
        return attempt("train", *flags, *arguments, **options)

    return run


def test_unspoilt_data_trains(train):
    assert train().returncode == 0


def test_no_such_folder(train, attempt, tmp_path):
    check_refused(train("--data_dir", tmp_path / "none"), 1, tmp_path / "none", "--data_dir")
    check_refused(train("--model", tmp_path / "no_model"), 1, tmp_path / "no_model")
    done = attempt("predict", "--adapter", tmp_path / "no_adapter", tmp_path)
    check_refused(done, 1, tmp_path / "no_adapter")
    assert not (tmp_path / "out").exists()


def test_empty_data_set(train, tmp_path):
    (tmp_path / "empty").mkdir()
    check_refused(train("--data_dir", tmp_path / "empty"), 1, tmp_path / "empty")
    assert not (tmp_path / "out").exists()


def cut_short(path):
    path.write_bytes(path.read_bytes()[:-1000])


def empty_file(path):
    path.write_bytes(b"")


def no_samples(path):
    soundfile.write(path, numpy.zeros(0, "float32"), RATE)


def nan_samples(path):
    samples = numpy.zeros(4000, "float32")
    samples[7] = numpy.nan
    soundfile.write(path, samples, RATE, subtype="FLOAT")


@pytest.mark.parametrize("spoil", [cut_short, empty_file, no_samples, nan_samples])
def test_bad_clip_is_named(train, data, tmp_path, spoil):
    clip = data / "train" / "b" / "clip.wav"
    spoil(clip)
    check_refused(train(), 1, clip)
    assert not leftovers(tmp_path / "out")


def test_label_never_seen_in_training(train, data, tmp_path):
    clip = write_tone(data / "test" / "c" / "clip.wav", 500.0)
    check_refused(train(), 1, clip, "'c'")
    assert not (tmp_path / "out").exists()


@pytest.fixture
def model(tiny_model, tmp_path):
    """A copy of a small Hugging Face folder, to be spoilt."""
    return shutil.copytree(tiny_model("wav2vec2_base").path, tmp_path / "model")


def rewrite_header(path, change):
    """Changes a safetensors file's JSON header, data untouched."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    change(header)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + content[8 + length :])


def weights_cut_short(path):
    path.write_bytes(path.read_bytes()[:-100])


def huge_header(path):
    path.write_bytes(struct.pack("<Q", 2**62) + path.read_bytes()[8:])


def tensors_of(header):
    return [entry for name, entry in header.items() if name != "__metadata__"]


def overlapping_offsets(path):
    def change(header):
        first, second = sorted(tensors_of(header), key=lambda entry: entry["data_offsets"])[:2]
        second["data_offsets"][0] -= 4
        del first

    rewrite_header(path, change)


def wrong_dtype(path):
    rewrite_header(path, lambda header: tensors_of(header)[0].update(dtype="F31"))


def no_json(path):
    path.write_bytes(struct.pack("<Q", 8) + b"{]{]{]{]" + path.read_bytes()[16:])


@pytest.mark.parametrize("spoil", [weights_cut_short, huge_header, overlapping_offsets, wrong_dtype, no_json])
def test_forged_checkpoint(train, model, tmp_path, spoil):
    spoil(model / "model.safetensors")
    check_refused(train("--model", model), 1, model / "model.safetensors")
    assert not (tmp_path / "out").exists()


class Malice:
    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return (open, (str(self.target), "w"))


def test_malicious_pickle_is_not_run(train, model, tmp_path):
    (model / "model.safetensors").unlink()
    torch.save({"w": torch.zeros(2), "evil": Malice(tmp_path / "owned")}, model / "pytorch_model.bin")
    check_refused(train("--model", model), 1, model / "pytorch_model.bin")
    assert not (tmp_path / "owned").exists() and not (tmp_path / "out").exists()


def test_bare_pickle_is_refused(train, model):
    (model / "model.safetensors").unlink()
    (model / "pytorch_model.bin").write_bytes(pickle.dumps({"w": 1}))
    check_refused(train("--model", model), 1, model / "pytorch_model.bin")


def test_adapter_for_another_backbone(attempt, lora, model, tones):
    clip = next((tones / "test").rglob("*.wav"))
    done = attempt("predict", "--adapter", lora / "best_model", "--model", model, clip)
    check_refused(done, 1, model)


def test_damaged_adapter(attempt, lora, tones, tmp_path):
    adapter = shutil.copytree(lora / "best_model", tmp_path / "adapter")
    weights_cut_short(adapter / "adapter.safetensors")
    check_refused(attempt("predict", "--adapter", adapter, tones), 1, adapter / "adapter.safetensors")
    (adapter / "adapter.json").write_text("{")
    check_refused(attempt("inspect", "--adapter", adapter), 1, adapter / "adapter.json")


def limit_file_size(size):
    """For a child: writing past `size` bytes of a file fails, as on a full disk."""

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.parametrize("strategy", ["no", "steps"])
def test_full_disk_while_saving(train, tmp_path, strategy):
    flags = ["--method", "finetune", "--save_strategy", strategy, "--save_steps", 1]
    check_refused(train(*flags, preexec_fn=limit_file_size(100_000)), 1, tmp_path / "out")
    assert not leftovers(tmp_path / "out")
    assert json.loads((tmp_path / "out" / "config.json").read_text())["method"] == "finetune"


def test_full_disk_while_exporting(attempt, lora, tmp_path):
    arguments = ["export", "--adapter", lora / "best_model", "--to", "hf", "--output_dir", tmp_path / "hf"]
    check_refused(attempt(*arguments, preexec_fn=limit_file_size(100_000)), 1, tmp_path / "hf")
    assert list(tmp_path.iterdir()) == []


def test_output_that_is_a_file(train, tmp_path):
    (tmp_path / "out").write_text("a file")
    check_refused(train(), 1, tmp_path / "out")


def test_8_bit_weights_without_their_products(train, tmp_path):
    done = train("--int8", "True", env=os.environ | {"SURE_KERNELS": "aten"})
    check_refused(done, 2, "--int8 True", "'aten'", "--int8 False")
    assert not (tmp_path / "out").exists()


def test_what_libmpg123_says_of_a_bad_file_is_not_shown(attempt, lora, tmp_path):
    """A frame of MP3 and noise behind it: one line, ours."""
    (tmp_path / "a.mp3").write_bytes(b"\xff\xfb\x90\x64" + random.Random(1).randbytes(4000))
    done = attempt("predict", "--adapter", lora, tmp_path / "a.mp3")
    check_refused(done, 1, tmp_path / "a.mp3")
