"""What the benchmark measures on: models of the published sizes with random weights, clip lengths, FLOPs of a step."""

import json
import os
from pathlib import Path

import machine
from processes import ROOT, apart

CACHE = ROOT / ".cache" / "bench"
DATA = ROOT.parent / "shared" / "data"
SPEECH = DATA / "LibriSpeech"
DIGITS = Path(os.environ.get("SURE_DATA", DATA / "fsdd"))  # as in make demo

RATE = 16000  # Hz
FIXED = [[40000] * 8]  # the tasks' default: 2.5 s
LONGEST = 16 * RATE
BATCH_SAMPLES = 32 * RATE  # of a padded batch of real lengths, as --batch_seconds 32 of sure train
REAL_BATCHES = 3

PREFIX_LENGTH = 30  # prefix tuning's keys and values of each layer

SIZES = {
    "small": (
        "wav2vec2-small-random",
        dict(
            hidden_size=256,
            num_hidden_layers=4,
            num_attention_heads=4,
            intermediate_size=1024,
            conv_dim=(128,) * 7,
        ),
    ),
    "base": ("wav2vec2-base-random", {}),
    "large": (
        "wav2vec2-large-xlsr-random",
        dict(
            hidden_size=1024,
            num_hidden_layers=24,
            num_attention_heads=16,
            intermediate_size=4096,
            do_stable_layer_norm=True,
            feat_extract_norm="layer",
            conv_bias=True,
        ),
    ),
}


def save_random_model(folder: Path, changes: dict) -> None:
    import torch
    from transformers import Wav2Vec2Config, Wav2Vec2Model
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.manual_seed(1314)
    Wav2Vec2Model(Wav2Vec2Config(layerdrop=0.0, apply_spec_augment=False, **changes)).save_pretrained(folder)


def make_model(size: str, layers: int | None = None) -> Path:
    """A Hugging Face folder with seeded random weights; `layers`: in place of the size's own."""
    name, changes = SIZES[size]
    if layers:
        name, changes = f"{name}-{layers}-layers", changes | {"num_hidden_layers": layers}
    folder = CACHE / name
    if not (folder / "model.safetensors").is_file():
        apart(save_random_model, folder, changes)
    return folder


def with_mask(model: Path) -> Path:
    """The same model in a folder whose preprocessor_config.json asks for an attention mask."""
    folder = model.with_name(model.name + "-masked")
    folder.mkdir(exist_ok=True)
    for file in model.iterdir():
        link = folder / file.name
        if not link.exists():
            link.symlink_to(Path("..") / model.name / file.name)
    preprocessor = {
        "feature_extractor_type": "Wav2Vec2FeatureExtractor",
        "sampling_rate": RATE,
        "do_normalize": True,
        "return_attention_mask": True,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessor))
    return folder


def speech_clips() -> list[tuple[Path, int]]:
    """LibriSpeech's clips beside the project by rising length in samples; none where they are absent."""
    import soundfile

    return sorted(((path, soundfile.info(path).frames) for path in SPEECH.rglob("*.flac")), key=lambda clip: clip[1])


def real_batches() -> list[list[int]]:
    """A few batches of clips of like length, spread over all batches that LibriSpeech's clips make."""
    batches = [[]]
    for _, samples in speech_clips():
        samples = min(samples, LONGEST)
        if samples * (len(batches[-1]) + 1) > BATCH_SAMPLES:
            batches.append([])
        batches[-1].append(samples)
    if not batches[0]:
        return []
    return [batches[(2 * i + 1) * len(batches) // (2 * REAL_BATCHES)] for i in range(REAL_BATCHES)]


def forward_flops(config: dict, clips: int, samples: int, prefix: int = 0) -> dict[str, float]:
    """Of one padded batch, two for a multiply-add: matrix products and convolutions, without norms and activations."""
    front_end, channels, frames = 0, 1, samples
    for width, kernel, stride in zip(config["conv_dim"], config["conv_kernel"], config["conv_stride"], strict=True):
        frames = (frames - kernel) // stride + 1
        front_end += 2 * clips * frames * width * channels * kernel
        channels = width
    size, inner = config["hidden_size"], config["intermediate_size"]
    tokens = clips * frames
    per_group = size // config["num_conv_pos_embedding_groups"]
    return {
        "tokens": tokens,
        "front_end": front_end,
        "projection": 2 * tokens * size * channels,
        "position": 2 * tokens * size * per_group * config["num_conv_pos_embeddings"],
        "queries": 2 * tokens * size * 3 * size,  # and keys and values, of one layer
        "linears": 2 * tokens * size * (4 * size + 2 * inner),  # all six of one layer
        "attention": 4 * clips * frames * (frames + prefix) * size,  # of one layer: scores, and values weighted by them
    }


def adapter_flops(config: dict, method: str, clips: int, tokens: int, rank: int) -> float:
    """Forward, of what a method adds to one layer; tokens: of the batch."""
    size, inner = config["hidden_size"], config["intermediate_size"]
    if method == "lora":  # on all six linears
        return 2 * tokens * rank * (4 * 2 * size + 2 * (size + inner))
    if method == "bottleneck":
        return 2 * tokens * 2 * size * (size // 2)
    if method == "conv_adapter":
        return 2 * (tokens * (size // 2 * (2 * 3 + 5) + size * 3) + clips * 2 * size * size // 16)
    return 0


def step_flops(config: dict, method: str, batches: list[list[int]], cached: bool = False, rank: int = 8) -> float:
    """What a training step needs at least, the mean of the batches.

    forward: front-end + projection + position + layers · (linears + attention)
    backward, no further down than the lowest trained parameters: once more what only an input's gradient passes, twice
    where both factors have one (attention, and with finetune all weights), and three times an adapter's own forward
    (forward, gradients of its input and weights). Nothing passes into frozen weights.
    base, LoRA, 8 x 40,000 samples: 463 GFLOP = 98 front-end + 10 embedding + 173 forward + 174 backward + 8 LoRA.
    `cached`: without all below the first layer. `rank`: LoRA's.
    """
    layers = config["num_hidden_layers"]
    total = 0
    for clips in batches:
        part = forward_flops(config, len(clips), max(clips), PREFIX_LENGTH if method == "prefix" else 0)
        linears, attention = part["linears"], part["attention"]
        total += layers * (linears + attention)
        if not cached:
            total += part["front_end"] + part["projection"] + part["position"]
        if method == "finetune":  # all but the front-end trains
            total += layers * 2 * (linears + attention) + part["projection"] + 2 * part["position"]
        elif method in ("lora", "prefix"):  # of the first layer, nothing below its queries, keys and values
            total += layers * (linears + 2 * attention) - part["queries"]
        else:  # behind the first layer's feed-forward block
            total += (layers - 1) * (linears + 2 * attention)
        total += 3 * layers * adapter_flops(config, method, len(clips), part["tokens"], rank)
    return total / len(batches)


def can_quantise(method: str) -> bool:
    """Whether sure can train it with --int8 True here; finetune leaves no layer frozen."""
    return machine.has_int8() and method != "finetune"


def read_config(model: Path) -> dict:
    return json.loads((model / "config.json").read_text())
