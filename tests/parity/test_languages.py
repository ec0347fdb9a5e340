"""Languages of an MMS checkpoint, and the training of their adapters, beside transformers' load_adapter."""

import json

import pytest
import torch
from safetensors.torch import save_file

from parity.adapters import Reference
from parity.comparison import HIDDEN_TOLERANCE, check_gradients, check_logits, make_batch, relative_difference, run_pair
from tiny_models import load_ctc, make_tiny_ctc, randomise

ENGLISH = ["<pad>", "<s>", "</s>", "<unk>", "|", "e", "t"]
FRENCH = ["<pad>", "<s>", "</s>", "<unk>", "|", "a", "é", "n", "s"]


@pytest.fixture(params=["safetensors", "bin"])
def mms(request, tiny_model, tmp_path):
    """An English checkpoint with a file for French, in the container that is asked for."""
    tiny = make_tiny_ctc(tiny_model("wav2vec2_mms"), tmp_path / "mms", ENGLISH)
    french = load_ctc(tiny.path, vocab_size=len(FRENCH), ignore_mismatched_sizes=True)
    randomise(french, seed=8)
    tensors = {name: value.detach().contiguous() for name, value in french._get_adapters().items()}
    if request.param == "bin":
        torch.save(tensors, tiny.path / "adapter.fra.bin")
    else:
        save_file(tensors, tiny.path / "adapter.fra.safetensors", {"format": "pt"})
    numbers = {"eng": ENGLISH, "fra": FRENCH}
    vocabularies = {name: {token: i for i, token in enumerate(tokens)} for name, tokens in numbers.items()}
    (tiny.path / "vocab.json").write_text(json.dumps(vocabularies))
    return tiny


def batch_of_letters():
    batch = make_batch((4000, 2710))
    batch.labels = torch.tensor([[5, 6, 5, 8], [7, 4, 6, -100]])
    return batch


def in_french(tiny):
    model = load_ctc(tiny.path)
    model.load_adapter("fra")
    return model


SPEC = {"task": "asr", "labels": FRENCH, "target": {"language": "fra"}}


def test_the_model_starts_in_its_language(probe, mms):
    batch = batch_of_letters()
    ours = probe.run(mms.path, batch, method="language_adapter", **SPEC)
    with torch.no_grad():
        theirs = Reference(in_french(mms), "language_adapter").forward(batch.audio, lengths=batch.lengths)
    assert relative_difference(ours["logits"], theirs.logits) <= HIDDEN_TOLERANCE


def test_gradients(probe, mms):
    pair = run_pair(probe, mms, "language_adapter", batch_of_letters(), model=in_french(mms), **SPEC)
    check_logits(pair)
    check_gradients(pair)
    assert any("adapter_layer" in name for name in pair.reference.trained)


def test_saved_and_exported(sure, probe, mms, tmp_path):
    """transformers reads the exported model; the saved one still knows its language."""
    batch = batch_of_letters()
    reference = Reference(in_french(mms), "language_adapter")
    with torch.no_grad():
        for parameter in reference.trained.values():
            parameter += 0.1
    job = {"initial": reference.trained, "save": str(tmp_path / "adapter"), **SPEC}
    ours = probe.run(mms.path, batch, method="language_adapter", **job)
    sure("export", "--adapter", tmp_path / "adapter", "--to", "hf", "--output_dir", tmp_path / "hf")
    exported = Reference(load_ctc(tmp_path / "hf"), "language_adapter")
    with torch.no_grad():
        theirs = exported.forward(batch.audio, lengths=batch.lengths)
    assert relative_difference(ours["logits"], theirs.logits) <= HIDDEN_TOLERANCE
