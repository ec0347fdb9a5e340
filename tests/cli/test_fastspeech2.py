"""FastSpeech 2 by `sure`: the paper's counts; a base from scratch, its export, adapters on it, what they say."""

import json

import numpy as np
import pytest
import soundfile
from safetensors.numpy import load_file

from cli.test_train_speech import write_voice

PAPER = "models/fastspeech2"
TINY = dict(
    model_type="fastspeech2",
    vocab_size=100,
    hidden_size=16,
    encoder_layers=1,
    decoder_layers=1,
    feed_forward_size=24,
    speaker_embedding_dim=6,
    predictor_size=12,
    pitch_size=8,
    postnet_layers=2,
    postnet_size=10,
)
ADAPTED = {"bottleneck": 659_200, "prefix": 153_600, "lora": 81_920, "conv_adapter": 108_800, "finetune": 35_802_977}


@pytest.mark.parametrize("method", ADAPTED)
def test_the_papers_counts(sure, method):
    targets = ["--lora_targets", "q_proj,v_proj"]
    report = json.loads(sure("inspect", "--task", "tts", "--model", PAPER, "--method", method, *targets, "--json").stdout)
    assert report["trained"] == ADAPTED[method]
    assert report["total"] - (0 if method == "finetune" else report["trained"]) == 35_802_977


def flags(model, voices, method, output, **changes):
    usual = {
        "task": "tts",
        "model": model,
        "dataset": "folder",
        "data_dir": voices,
        "speaker": voices / "ann.npy",
        "method": method,
        "per_device_train_batch_size": 2,
        "max_steps": 2,
        "evaluation_strategy": "steps",
        "eval_steps": 2,
        "save_strategy": "no",
        "output_dir": output,
    }
    return ["train", *(part for name, value in (usual | changes).items() for part in (f"--{name}", value))]


@pytest.fixture(scope="module")
def voices(tmp_path_factory):
    root = tmp_path_factory.mktemp("voices")
    for part, clips in (("train", 3), ("valid", 1), ("test", 1)):
        for clip in range(clips):
            path = root / part / "ann" / f"{clip}.wav"
            write_voice(path, clip)
            path.with_suffix(".txt").write_text("Ask her, please.\n")
    np.save(root / "ann.npy", np.ones(6, "float32"))
    return root


@pytest.fixture(scope="module")
def base(sure, voices, tmp_path_factory):
    """Trained from scratch and exported."""
    root = tmp_path_factory.mktemp("base")
    (root / "empty").mkdir()
    (root / "empty" / "config.json").write_text(json.dumps(TINY))
    sure(*flags(root / "empty", voices, "finetune", root / "run", trim_db=23))
    sure("export", "--adapter", root / "run", "--to", "hf", "--output_dir", root / "model")
    return root / "model"


def test_a_base_from_scratch(base):
    tensors = load_file(base / "model.safetensors")
    assert json.loads((base / "config.json").read_text())["model_type"] == "fastspeech2"
    assert np.abs(tensors["postnet.layers.0.batch_norm.running_mean"]).max() > 0, "learned with the weights"


@pytest.mark.parametrize("method", ["lora", "conv_adapter"])
def test_an_adapter_on_it_speaks(sure, base, voices, tmp_path, method):
    before = (base / "model.safetensors").read_bytes()
    sure(*flags(base, voices, method, tmp_path / "run"))
    assert (base / "model.safetensors").read_bytes() == before
    trained = load_file(tmp_path / "run" / "best_model" / "adapter.safetensors")
    assert trained and all(name.startswith("adapter.") for name in trained)
    said = {}
    for rate in (1, 0.25):
        out = tmp_path / f"{rate}.wav"
        sure("synthesize", "--adapter", tmp_path / "run", "--text", "Ask her.", "--rate", rate, "--max_frames", 500,
             "--output", out)
        samples, hertz = soundfile.read(out)
        assert hertz == 22050 and np.isfinite(samples).all()
        said[rate] = len(samples)
    assert said[0.25] >= said[1]
