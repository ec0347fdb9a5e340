#!/usr/bin/env python3
"""The other side of the benchmark: the same training steps by transformers + PEFT.

Speaks bench_train_step's protocol: a turn for each line on standard input, JSON lines on standard output, and a line
with "error" when a step fails. As it stands it does what PEFT's documentation shows; --strongest adds all that we know
to make it faster: a front-end without gradients, no dropout, torch.compile.
"""

import argparse
import json
import resource
import sys
import time
import traceback
from pathlib import Path

import torch
from peer_methods import METHODS
from torch import nn
from transformers import Wav2Vec2ForSequenceClassification
from transformers.utils import logging

LABELS = 5
DROPOUTS = ("hidden_dropout", "attention_dropout", "activation_dropout", "feat_proj_dropout", "final_dropout")


def build(args: argparse.Namespace) -> nn.Module:
    changes = dict.fromkeys(DROPOUTS, 0.0) if args.strongest else {}
    model = Wav2Vec2ForSequenceClassification.from_pretrained(args.model, num_labels=LABELS, **changes)
    adapted = METHODS[args.method](model)
    if args.strongest:
        model.freeze_feature_encoder()
    return adapted.train()


def random_batch(clips: list[int]) -> dict[str, torch.Tensor]:
    """Noise with zeros behind each clip, and a mask that says so."""
    mask = torch.arange(max(clips)) < torch.tensor(clips).unsqueeze(1)
    labels = torch.randint(0, LABELS, (len(clips),))
    return {"input_values": torch.randn(mask.shape) * mask, "attention_mask": mask.long(), "labels": labels}


def random_batches(args: argparse.Namespace) -> list[dict[str, torch.Tensor]]:
    if args.lengths:
        return [random_batch([int(clip) for clip in line.split()]) for line in args.lengths.read_text().splitlines()]
    batch = random_batch([args.samples] * args.batch)
    del batch["attention_mask"]
    return [batch]


def emit(**line) -> None:
    print(json.dumps(line), flush=True)


def peak_bytes(device: str) -> int:
    if device == "cuda":
        return torch.cuda.max_memory_allocated()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 2**10


def run(args: argparse.Namespace) -> None:
    torch.manual_seed(1314)
    model = build(args).to(args.device)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4)
    batches = [{name: value.to(args.device) for name, value in batch.items()} for batch in random_batches(args)]
    # One compilation a shape: a single one for all shapes takes many minutes.
    forward = torch.compile(model, dynamic=False) if args.strongest else model

    def step(batch: dict[str, torch.Tensor]) -> float:
        optimizer.zero_grad()
        with torch.autocast(args.device, dtype=torch.bfloat16, enabled=args.dtype == "bf16"):
            loss = forward(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        return loss.item()

    emit(trained=sum(parameter.numel() for parameter in trained))
    for _ in sys.stdin:
        start = time.perf_counter()
        losses = [step(batch) for batch in batches]
        emit(seconds=time.perf_counter() - start, losses=losses)
    emit(peak_gib=peak_bytes(args.device) / 2**30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="Hugging Face folder")
    parser.add_argument("--method", choices=METHODS, default="lora")
    parser.add_argument("--dtype", choices=["fp32", "bf16"], default="fp32", help="bf16 is torch.autocast")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--samples", type=int, default=40000)
    parser.add_argument("--lengths", type=Path, help="in place of both: a batch a line, as the samples of each clip")
    parser.add_argument("--strongest", action="store_true")
    args = parser.parse_args()

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        run(args)
    except Exception as error:  # the other sides go on: run.py shows this one as failed
        traceback.print_exc()
        emit(error=type(error).__name__)
        sys.exit(1)


if __name__ == "__main__":
    main()
