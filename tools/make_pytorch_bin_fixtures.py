"""Writes the files of tests/formats/golden: what torch.save and PEFT write, good and bad.

    .venv/bin/python tools/make_pytorch_bin_fixtures.py tests/formats/golden
"""

import os
import platform
import sys
from pathlib import Path

import peft
import torch
import transformers


class Command:
    """Pickles as a call of os.system."""

    def __reduce__(self) -> tuple:
        return os.system, ("touch sure_was_here",)


def state_dicts(folder: Path) -> None:
    """Values are 0, 1, 2 … in the order of the items, so that the test can tell them without a copy of the file."""
    linear = torch.nn.Linear(2, 3)
    with torch.no_grad():
        linear.weight.copy_(torch.arange(6.0).reshape(3, 2))
        linear.bias.copy_(torch.arange(3.0))
    torch.save(linear.state_dict(), folder / "state_dict.bin")

    shared = torch.arange(12.0)
    dtypes = ["float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool"]
    tensors = {name: torch.arange(4).to(getattr(torch, name)) for name in dtypes}
    tensors["parameter"] = torch.nn.Parameter(torch.arange(2.0))
    tensors["transposed"] = torch.arange(6.0, dtype=torch.bfloat16).reshape(2, 3).t()
    tensors["view"] = shared[4:8].reshape(2, 2)
    tensors["whole"] = shared
    tensors["scalar"] = torch.tensor(7)
    tensors["empty"] = torch.zeros(0, 3)
    torch.save(tensors, folder / "kinds.bin")

    torch.save(linear.state_dict(), folder / "legacy.bin", _use_new_zipfile_serialization=False)
    torch.save({"model": linear.state_dict(), "epoch": 3}, folder / "training_state.bin")
    torch.save({"weight": Command()}, folder / "command.bin")
    torch.save({"wide": torch.zeros(4, dtype=torch.uint16)}, folder / "unsupported_dtype.bin")


def peft_folder(folder: Path) -> None:
    """A LoRA adapter on a small wav2vec 2.0, as `save_pretrained` writes it; weights are 0.5."""
    sizes = {"hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    front_end = {"conv_dim": (4,), "conv_kernel": (10,), "conv_stride": (5,), "num_feat_extract_layers": 1}
    positions = {"num_conv_pos_embeddings": 4, "num_conv_pos_embedding_groups": 2}
    config = transformers.Wav2Vec2Config(**sizes, **front_end, **positions, classifier_proj_size=4, num_labels=3)
    lora = peft.LoraConfig(
        r=2, lora_alpha=1, target_modules=r".*attention\.(q|v)_proj", modules_to_save=["projector", "classifier"]
    )
    model = peft.get_peft_model(transformers.Wav2Vec2ForSequenceClassification(config), lora)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(0.5)
    model.save_pretrained(folder / "peft")
    (folder / "peft" / "README.md").unlink(missing_ok=True)


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    state_dicts(folder)
    peft_folder(folder)
    versions = f"Python {platform.python_version()}, torch {torch.__version__}, transformers {transformers.__version__}"
    (folder / "README.md").write_text(
        f"Written by tools/{os.path.basename(__file__)} with {versions}, peft {peft.__version__}; never edited by hand.\n"
    )


if __name__ == "__main__":
    main()
