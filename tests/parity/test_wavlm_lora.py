"""PEFT's LoRA does nothing on WavLM's attention, which is why `sure` is compared with merged weights there and its
adapters are exported merged. Run as a script it prints the two numbers of the README."""

import sys
import tempfile
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, get_peft_model

from parity.adapters import Reference
from parity.comparison import make_batch
from tiny_models import make_tiny_model

ATTENTION = ["q_proj", "k_proj", "v_proj", "out_proj"]
HEAD = ["projector", "classifier"]


def effect_of_peft(folder):
    """How far PEFT's LoRA with random weights moves the logits of a model, and how many of its tensors get no
    gradient."""
    batch = make_batch()
    tiny = make_tiny_model(folder.name, folder)
    model = tiny.load()
    with torch.no_grad():
        before = model(batch.audio).logits
    adapted = get_peft_model(model, LoraConfig(r=8, target_modules=ATTENTION, modules_to_save=HEAD))
    lora = [p for name, p in adapted.named_parameters() if ".lora_" in name]
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in lora:
            parameter.copy_(0.3 * torch.randn(parameter.shape, generator=generator))
    output = adapted(batch.audio, labels=batch.labels)
    output.loss.backward()
    without = sum(p.grad is None or not p.grad.any() for p in lora)
    return (output.logits - before).abs().max().item(), without, len(lora)


@pytest.mark.parametrize("shape, works", [("hubert_base", True), ("wavlm_base", False)])
def test_pefts_lora_on_attention(tmp_path, shape, works):
    moved, without, total = effect_of_peft(tmp_path / shape)
    assert (moved > 1e-3, without) == ((True, 0) if works else (False, total))


def test_export_to_peft_is_refused(sure, probe, tiny_model, tmp_path):
    """An adapter that would be ignored in Python is not written."""
    tiny = tiny_model("wavlm_base")
    initial = Reference(tiny.load(), "lora").randomise().trained
    probe.run(tiny.path, make_batch(), method="lora", initial=initial, save=str(tmp_path / "adapter"))
    with pytest.raises(AssertionError, match="export to hf"):
        sure("export", "--adapter", tmp_path / "adapter", "--to", "peft", "--output_dir", tmp_path / "peft")
    assert not (tmp_path / "peft").exists()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        for name in sys.argv[1:] or ["hubert_base", "wavlm_base"]:
            largest, silent, count = effect_of_peft(Path(temporary) / name)
            print(f"{name}: logits move by {largest:.4f}, {silent} of {count} LoRA tensors get no gradient")
