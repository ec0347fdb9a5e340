#!/usr/bin/env python3
"""The other side of the benchmark: the same training steps by transformers + PEFT.

Speaks bench_train_step's protocol: a step for each line on standard input, JSON lines on standard output. As it stands
it does what PEFT's documentation shows; --strongest adds all that we know to make it faster: a frozen front-end without
gradients, no dropout, torch.compile.
"""
import argparse
import json
import resource
import sys
import time

import peft
import torch
import torch.nn.functional as F
from torch import nn
from transformers import Wav2Vec2ForSequenceClassification
from transformers.utils import logging

LABELS = 5
DROPOUTS = ("hidden_dropout", "attention_dropout", "activation_dropout", "feat_proj_dropout", "final_dropout")


class ConvAdapter(nn.Module):
    """The paper's adapter as its formula reads, on [B, T, D]."""

    def __init__(self, width: int):
        super().__init__()
        half = width // 2
        self.norm = nn.LayerNorm(width)
        self.down = nn.Conv1d(width, half, 3, padding=1, groups=half, bias=False)
        self.mid = nn.Conv1d(half, half, 5, padding=2, groups=half, bias=False)
        self.up = nn.Conv1d(half, width, 3, padding=1, groups=half, bias=False)
        self.squeeze = nn.Linear(width, width // 16, bias=False)
        self.excite = nn.Linear(width // 16, width, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.up(self.mid(F.relu(self.down(self.norm(x).transpose(1, 2)))))
        gate = torch.sigmoid(self.excite(F.relu(self.squeeze(y.mean(2)))))
        return x + (y * gate.unsqueeze(2)).transpose(1, 2)


def add_lora(model: nn.Module) -> nn.Module:
    targets = ["q_proj", "k_proj", "v_proj", "out_proj", "intermediate_dense", "output_dense"]
    return peft.get_peft_model(
        model, peft.LoraConfig(r=8, lora_alpha=1, target_modules=targets, modules_to_save=["projector", "classifier"]))


def add_conv_adapters(model: nn.Module) -> nn.Module:
    model.requires_grad_(False)
    model.projector.requires_grad_(True)
    model.classifier.requires_grad_(True)
    for layer in model.wav2vec2.encoder.layers:
        layer.feed_forward.adapter = ConvAdapter(model.config.hidden_size)
        layer.feed_forward.register_forward_hook(lambda module, _, output: module.adapter(output))
    return model


METHODS = {"lora": add_lora, "conv_adapter": add_conv_adapters}


def build(args: argparse.Namespace) -> nn.Module:
    changes = dict.fromkeys(DROPOUTS, 0.0) if args.strongest else {}
    model = Wav2Vec2ForSequenceClassification.from_pretrained(args.model, num_labels=LABELS, **changes)
    adapted = METHODS[args.method](model)
    if args.strongest:
        model.freeze_feature_encoder()
    return adapted.train()


def emit(**line) -> None:
    print(json.dumps(line), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="Hugging Face folder")
    parser.add_argument("--method", choices=METHODS, default="lora")
    parser.add_argument("--dtype", choices=["fp32", "bf16"], default="fp32", help="bf16 is torch.autocast")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--samples", type=int, default=40000)
    parser.add_argument("--strongest", action="store_true")
    args = parser.parse_args()

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    torch.manual_seed(1314)
    model = build(args)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4)
    audio = torch.randn(args.batch, args.samples)
    labels = torch.randint(0, LABELS, (args.batch,))
    forward = torch.compile(model) if args.strongest else model

    def step() -> float:
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.dtype == "bf16"):
            loss = forward(audio, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        return loss.item()

    emit(trained=sum(parameter.numel() for parameter in trained))
    for _ in sys.stdin:
        start = time.perf_counter()
        loss = step()
        emit(seconds=time.perf_counter() - start, loss=loss)
    emit(peak_gib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)


if __name__ == "__main__":
    main()
