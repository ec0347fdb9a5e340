"""The same weights in every container and spelling that a Hugging Face folder may have."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from parity.adapters import old_spelling
from parity.comparison import HIDDEN_TOLERANCE, make_batch, relative_difference
from tiny_models import CTC_CLASSES


def body(model):
    return getattr(model, model.base_model_prefix)


def sharded(model, folder):
    model.save_pretrained(folder, max_shard_size="50KB")
    assert (folder / "model.safetensors.index.json").is_file()


def pytorch_bin(model, folder):
    torch.save(model.state_dict(), folder / "pytorch_model.bin")


def sharded_bin(model, folder):
    tensors = list(model.state_dict().items())
    shards = {"pytorch_model-1-of-2.bin": tensors[::2], "pytorch_model-2-of-2.bin": tensors[1::2]}
    for name, shard in shards.items():
        torch.save(dict(shard), folder / name)
    weights = {key: name for name, shard in shards.items() for key, _ in shard}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps({"metadata": {}, "weight_map": weights}))


def no_prefix(model, folder):
    body(model).save_pretrained(folder)


def ctc_head(model, folder):
    ctc = CTC_CLASSES[model.config.model_type](model.config)
    body(ctc).load_state_dict(body(model).state_dict())
    ctc.save_pretrained(folder)


def old_weight_norm(model, folder):
    """Weight norm as torch.nn.utils.weight_norm names it; transformers writes the parametrisation's names."""
    no_prefix(model, folder)
    tensors = {old_spelling(name): value for name, value in load_file(folder / "model.safetensors").items()}
    assert "encoder.pos_conv_embed.conv.weight_g" in tensors
    save_file(tensors, folder / "model.safetensors", {"format": "pt"})


@pytest.mark.parametrize("shape", ["wav2vec2_xlsr", "hubert_base"])
@pytest.mark.parametrize(
    "save",
    [sharded, pytorch_bin, sharded_bin, no_prefix, ctc_head, old_weight_norm],
    ids=lambda save: save.__name__,
)
def test_container(probe, tiny_model, tmp_path, shape, save):
    tiny = tiny_model(shape)
    model = tiny.load()
    save(model, tmp_path)
    for name in ("config.json", "preprocessor_config.json"):
        shutil.copy(tiny.path / name, tmp_path / name)
    check_folder(probe, tmp_path, model)


def test_half_precision_weights(probe, tiny_model, tmp_path):
    tiny = tiny_model("wav2vec2_xlsr")
    model = tiny.load().half()
    model.save_pretrained(tmp_path)
    shutil.copy(tiny.path / "preprocessor_config.json", tmp_path)
    check_folder(probe, tmp_path, model.float())


def check_folder(probe, folder, model):
    """Hidden states of the weights in a folder; LoRA changes nothing before it trains."""
    batch = make_batch()
    ours = probe.run(folder, batch, method="lora")
    with torch.no_grad():
        hidden_states = model(batch.audio, output_hidden_states=True).hidden_states
    for index, theirs in enumerate(hidden_states):
        assert relative_difference(ours[f"hidden.{index}"], theirs) <= HIDDEN_TOLERANCE, index
