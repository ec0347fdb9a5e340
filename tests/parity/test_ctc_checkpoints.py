"""Checkpoints that were trained for CTC: what `sure` makes of their head and vocabulary before its first step."""

import json

import pytest
import soundfile
import torch
from transformers import Wav2Vec2Processor

from parity.comparison import HIDDEN_TOLERANCE, make_batch, relative_difference
from tiny_models import load_ctc, make_tiny_ctc

RATE = 16000  # Hz
UPPER = ["<pad>", "<s>", "</s>", "<unk>", "|", "E", "T", "A", "O", "N", "'"]
LOWER = ["[UNK]", "[PAD]", "|", "a", "e", "é", "n"]


@pytest.fixture(params=[("wav2vec2_base", UPPER), ("wav2vec2_xlsr", LOWER), ("hubert_large", UPPER)])
def checkpoint(request, tiny_model, tmp_path):
    shape, tokens = request.param
    return make_tiny_ctc(tiny_model(shape), tmp_path / "model", tokens), tokens


def test_the_head_starts_as_the_checkpoints(sure, probe, checkpoint, tmp_path):
    tiny, tokens = checkpoint
    path, samples = write_clip(tmp_path)
    batch = make_batch((len(samples),))
    processor = Wav2Vec2Processor.from_pretrained(tiny.path)
    inputs = processor(samples, sampling_rate=RATE, return_tensors="pt")
    batch.audio, batch.labels = inputs.input_values, torch.tensor([[tokens.index("|")]])
    adapter = tmp_path / "adapter"
    ours = probe.run(tiny.path, batch, method="lora", task="asr", labels=tokens, save=str(adapter))
    with torch.no_grad():
        theirs = load_ctc(tiny.path)(**inputs).logits
    assert relative_difference(ours["logits"], theirs) <= HIDDEN_TOLERANCE

    done = sure("predict", "--adapter", adapter, "--format", "jsonl", path)
    text = processor.batch_decode(theirs.argmax(-1))[0]
    assert len(set(text)) > 2, text
    assert json.loads(done.stdout)["text"] == text


def test_other_tokens_get_a_fresh_head(probe, tiny_model, tmp_path):
    tiny = make_tiny_ctc(tiny_model("wav2vec2_base"), tmp_path / "model", UPPER)
    batch = make_batch((4000,))
    batch.labels = torch.tensor([[5]])
    ours = [
        probe.run(tiny.path, batch, method="lora", task="asr", labels=tokens)["logits"]
        for tokens in (UPPER, UPPER[:-2] + UPPER[:-3:-1])
    ]
    assert relative_difference(*ours) > 0.1


def test_outputs_that_the_vocabulary_lacks_are_unused(probe, tiny_model, tmp_path):
    tiny = make_tiny_ctc(tiny_model("wav2vec2_base"), tmp_path / "model", UPPER)
    fewer = {token: number for number, token in enumerate(UPPER[:-1])}
    batch = make_batch((4000,))
    batch.labels = torch.tensor([[5]])
    whole = probe.run(tiny.path, batch, method="lora", task="asr", labels=UPPER)["logits"]
    (tiny.path / "vocab.json").write_text(json.dumps(fewer))
    unused = [*UPPER[:-1], "<unused_10>"]
    assert relative_difference(probe.run(tiny.path, batch, method="lora", task="asr", labels=unused)["logits"], whole) == 0


def write_clip(folder):
    generator = torch.Generator().manual_seed(1)
    samples = 0.1 + 0.2 * torch.randn(20000, generator=generator).cumsum(0).sin()
    soundfile.write(folder / "clip.wav", samples.numpy(), RATE, subtype="FLOAT")
    return folder / "clip.wav", samples.numpy()
