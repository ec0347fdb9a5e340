"""Adapters that speak, in Python: LoRA to PEFT and back, whole models to transformers."""

import numpy as np
import peft
import pytest
import soundfile
import torch
from transformers import SpeechT5ForTextToSpeech

from cli.conftest import RATE
from parity.comparison import relative_difference
from parity.test_speecht5 import SEED, known_speech, say
from tiny_models import make_tiny_speecht5

TOLERANCE = 1e-4
TEXTS = ["Please call Stella.", "Six spoons of fresh snow peas."]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A model's folder with a voice and two recordings beside it."""
    folder = tmp_path_factory.mktemp("talker")
    model = make_tiny_speecht5(folder / "model")
    np.save(folder / "voice.npy", np.random.default_rng(1).standard_normal(16).astype("float32"))
    for part, text in zip(("train", "valid"), TEXTS):
        noise = 0.1 * np.random.default_rng(len(text)).standard_normal(RATE)
        path = folder / "clips" / part / "a.wav"
        path.parent.mkdir(parents=True)
        soundfile.write(path, noise.astype("float32"), RATE)
        path.with_suffix(".txt").write_text(text)
    return folder, model


def train(sure, base, output, *flags):
    sure("train", "--task", "tts", "--model", base / "model", "--dataset", "folder", "--data_dir", base / "clips",
         "--speaker", base / "voice.npy", "--learning_rate", 0.02, "--lr_scheduler_type", "constant", "--max_steps", 5,
         "--save_strategy", "no", "--output_dir", output, *flags)
    return output


def speak(sure, base, output, *flags):
    sure("synthesize", "--speaker", base / "voice.npy", "--text", "Hello there.", "--max_frames", 2, "--vocoder",
         base / "model" / "vocoder", "--output", output, *flags)
    return torch.from_numpy(soundfile.read(output)[0])


@pytest.fixture(scope="module")
def lora(sure, base, tmp_path_factory):
    return train(sure, base[0], tmp_path_factory.mktemp("run") / "lora", "--lora_rank", 4, "--lora_alpha", 8)


def test_lora_in_peft(sure, speech, base, lora, tmp_path):
    folder, _ = base
    for kind in ("peft", "hf"):
        sure("export", "--adapter", lora, "--to", kind, "--output_dir", tmp_path / kind)
    model = peft.PeftModel.from_pretrained(SpeechT5ForTextToSpeech.from_pretrained(folder / "model"), tmp_path / "peft")
    known = known_speech()
    theirs = say(model.base_model.model.eval(), known)
    ours = speech.run("speecht5", known, path=str(tmp_path / "hf"), seed=SEED)
    plain = speech.run("speecht5", known, path=str(folder / "model"), seed=SEED)
    assert relative_difference(ours["after"], theirs.spectrogram.detach()) <= TOLERANCE
    assert ours["loss"].item() == pytest.approx(theirs.loss.item(), rel=TOLERANCE)
    assert relative_difference(plain["after"], theirs.spectrogram.detach()) > 100 * TOLERANCE, "the adapter must do something"


def test_a_whole_model_in_transformers(sure, speech, base, lora, tmp_path):
    sure("export", "--adapter", lora, "--to", "hf", "--output_dir", tmp_path / "hf")
    model, info = SpeechT5ForTextToSpeech.from_pretrained(tmp_path / "hf", output_loading_info=True)
    assert not info["missing_keys"] and not info["unexpected_keys"]
    known = known_speech()
    ours = speech.run("speecht5", known, path=str(tmp_path / "hf"), seed=SEED)
    assert relative_difference(ours["after"], say(model.eval(), known).spectrogram.detach()) <= TOLERANCE
    merged = speak(sure, base[0], tmp_path / "merged.wav", "--model", tmp_path / "hf")
    adapted = speak(sure, base[0], tmp_path / "adapted.wav", "--adapter", lora)
    torch.testing.assert_close(merged, adapted, atol=2e-3, rtol=0)


@pytest.mark.parametrize("targets", [["q_proj", "v_proj"], ["q_proj", "output_dense", "feat_out"]])
def test_lora_of_peft(sure, base, tmp_path, targets):
    folder, _ = base
    model = SpeechT5ForTextToSpeech.from_pretrained(folder / "model")
    adapted = peft.get_peft_model(model, peft.LoraConfig(r=3, lora_alpha=6, target_modules=targets))
    generator = torch.Generator().manual_seed(4)
    with torch.no_grad():
        for name, value in adapted.named_parameters():
            if "lora_" in name:
                value.copy_(0.3 * torch.randn(value.shape, generator=generator))
    adapted.save_pretrained(tmp_path / "peft")
    adapted.merge_and_unload().save_pretrained(tmp_path / "merged")
    (tmp_path / "merged" / "spm_char.model").write_bytes((folder / "model" / "spm_char.model").read_bytes())
    ours = speak(sure, folder, tmp_path / "a.wav", "--adapter", tmp_path / "peft", "--model", folder / "model")
    theirs = speak(sure, folder, tmp_path / "b.wav", "--model", tmp_path / "merged")
    torch.testing.assert_close(ours, theirs, atol=2e-3, rtol=0)


def test_a_model_that_was_finetuned(sure, speech, base, tmp_path):
    run = train(sure, base[0], tmp_path / "run", "--method", "finetune", "--learning_rate", 0.001)
    sure("export", "--adapter", run, "--to", "hf", "--output_dir", tmp_path / "hf")
    model = SpeechT5ForTextToSpeech.from_pretrained(tmp_path / "hf")
    known = known_speech()
    ours = speech.run("speecht5", known, path=str(tmp_path / "hf"), seed=SEED)
    assert relative_difference(ours["after"], say(model.eval(), known).spectrogram.detach()) <= TOLERANCE
