"""HiFi-GAN against transformers in its folders, against the original's definition in its files; Griffin-Lim against
librosa."""

import json

import librosa
import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm
from transformers import (
    FastSpeech2ConformerHifiGan,
    FastSpeech2ConformerHifiGanConfig,
    SpeechT5HifiGan,
    SpeechT5HifiGanConfig,
)

TOLERANCE = 1e-4
SMALL = dict(
    upsample_rates=[4, 2, 2],
    upsample_kernel_sizes=[8, 4, 4],
    upsample_initial_channel=32,
    resblock_kernel_sizes=[3, 7],
    resblock_dilation_sizes=[[1, 3, 5], [1, 2, 5]],
)
KINDS = {
    "speecht5": (SpeechT5HifiGan, SpeechT5HifiGanConfig),
    "fastspeech2_conformer": (FastSpeech2ConformerHifiGan, FastSpeech2ConformerHifiGanConfig),
}
# The published sizes of the original, with a quarter of V1's channels.
ORIGINALS = {
    "v1": dict(resblock="1", upsample_rates=[8, 8, 2, 2], upsample_kernel_sizes=[16, 16, 4, 4],
               upsample_initial_channel=128, resblock_kernel_sizes=[3, 7, 11], resblock_dilation_sizes=[[1, 3, 5]] * 3),
    "v2": dict(resblock="1", upsample_rates=[8, 8, 2, 2], upsample_kernel_sizes=[16, 16, 4, 4],
               upsample_initial_channel=128, resblock_kernel_sizes=[3, 7, 11], resblock_dilation_sizes=[[1, 3, 5]] * 3),
    "v3": dict(resblock="2", upsample_rates=[8, 8, 4], upsample_kernel_sizes=[16, 16, 8],
               upsample_initial_channel=256, resblock_kernel_sizes=[3, 5, 7],
               resblock_dilation_sizes=[[1, 2], [2, 6], [3, 12]]),
}  # fmt: skip


def randomise(model, seed=0):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in model.named_parameters():
            fan_in = value[0].numel() if value.dim() > 1 else 25
            noise = torch.randn(value.shape, generator=generator)
            value.copy_(1.4 + 0.3 * noise if name.endswith("original0") else noise / fan_in**0.5)
    return model.eval()


def mel(frames=50, bins=80, seed=1):
    return torch.randn(frames, bins, generator=torch.Generator().manual_seed(seed))


def check(speech, path, expected, spectrogram, tolerance=TOLERANCE):
    assert expected.abs().max() > 0.1 and expected.std() > 0.01, "the sound must move to mean anything"
    for chunk in (0, 16):
        found = speech.run("vocoder", {"mel": spectrogram}, path=str(path), chunk=chunk)["samples"]
        assert found.shape == expected.shape
        assert (found - expected).abs().max() <= tolerance


@pytest.mark.parametrize("normalise", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_hugging_face_folder(speech, tmp_path, kind, normalise):
    model_class, config_class = KINDS[kind]
    model = randomise(model_class(config_class(**SMALL, normalize_before=normalise)))
    model.mean.copy_(0.2 * mel(1)[0])
    model.scale.copy_(0.5 + mel(1, seed=2)[0].abs())
    model.save_pretrained(tmp_path)
    with torch.no_grad():
        check(speech, tmp_path, model(mel()), mel())


def test_weight_norm_in_the_folder(speech, tmp_path):
    model = randomise(SpeechT5HifiGan(SpeechT5HifiGanConfig(**SMALL)))
    model.apply_weight_norm()
    model.save_pretrained(tmp_path)
    with torch.no_grad():
        check(speech, tmp_path, model(mel()), mel())


class Block(nn.Module):
    """The original's two kinds of residual block."""

    def __init__(self, channels, kernel, dilations, pairs):
        super().__init__()

        def convolution(dilation):
            return weight_norm(nn.Conv1d(channels, channels, kernel, 1, (kernel - 1) * dilation // 2, dilation))

        first = nn.ModuleList(convolution(dilation) for dilation in dilations)
        if pairs:
            self.convs1, self.convs2 = first, nn.ModuleList(convolution(1) for _ in dilations)
        else:
            self.convs = first

    def forward(self, x):
        steps = zip(self.convs1, self.convs2) if hasattr(self, "convs1") else ((c,) for c in self.convs)
        for step in steps:
            y = x
            for convolution in step:
                y = convolution(nn.functional.leaky_relu(y, 0.1))
            x = x + y
        return x


class Generator(nn.Module):
    """As in the paper, with the original's names."""

    def __init__(self, config):
        super().__init__()
        channels, sizes = config["upsample_initial_channel"], config["resblock_kernel_sizes"]
        self.kernels = len(sizes)
        self.conv_pre = weight_norm(nn.Conv1d(80, channels, 7, 1, 3))
        self.ups, self.resblocks = nn.ModuleList(), nn.ModuleList()
        for rate, kernel in zip(config["upsample_rates"], config["upsample_kernel_sizes"]):
            up = nn.ConvTranspose1d(channels, channels // 2, kernel, rate, (kernel - rate) // 2)
            self.ups.append(weight_norm(up))
            channels //= 2
            for size, dilations in zip(sizes, config["resblock_dilation_sizes"]):
                self.resblocks.append(Block(channels, size, dilations, config["resblock"] == "1"))
        self.conv_post = weight_norm(nn.Conv1d(channels, 1, 7, 1, 3))

    def forward(self, x):
        x = self.conv_pre(x)
        for i, up in enumerate(self.ups):
            x = up(nn.functional.leaky_relu(x, 0.1))
            x = sum(block(x) for block in self.resblocks[i * self.kernels : (i + 1) * self.kernels]) / self.kernels
        return torch.tanh(self.conv_post(nn.functional.leaky_relu(x)))


def old_names(state):
    """As torch.nn.utils.weight_norm, with which the original was saved, names the pair."""
    spelling = {"parametrizations.weight.original0": "weight_g", "parametrizations.weight.original1": "weight_v"}
    renamed = {}
    for name, value in state.items():
        for new, old in spelling.items():
            name = name.replace(new, old)
        renamed[name] = value
    return renamed


@pytest.mark.parametrize("names", [old_names, lambda state: state], ids=["old_names", "new_names"])
@pytest.mark.parametrize("version", ORIGINALS)
def test_original_file(speech, tmp_path, version, names):
    config = ORIGINALS[version] | dict(num_mels=80, sampling_rate=22050, n_fft=1024, hop_size=256, win_size=1024,
                                       fmin=0, fmax=8000)  # fmt: skip
    model = randomise(Generator(config))
    (tmp_path / "config.json").write_text(json.dumps(config))
    for number in ("00000001", "02500000"):  # the last counts
        torch.save({"generator": names(model.state_dict())}, tmp_path / f"g_{number}")
        randomise(model, seed=int(number) % 7)
    torch.save({"generator": names(model.state_dict())}, tmp_path / "g_02500000")
    torch.save({"mpd": {}}, tmp_path / "do_02500000")
    with torch.no_grad():
        expected = model(mel(30).T.unsqueeze(0)).flatten()
    check(speech, tmp_path, expected, mel(30))
    check(speech, tmp_path / "g_02500000", expected, mel(30))


@pytest.mark.parametrize("momentum", [0.0, 0.99])
def test_griffin_lim_is_librosas(speech, momentum):
    time = np.arange(256 * 40) / 22050
    clip = sum(np.sin(2 * np.pi * 150 * n * time) / n for n in range(1, 20))
    clip = (clip + 0.01 * np.random.default_rng(0).standard_normal(len(clip))).astype(np.float32)
    magnitudes = np.abs(librosa.stft(clip, n_fft=1024, hop_length=256, pad_mode="reflect"))
    expected = librosa.griffinlim(
        magnitudes, n_iter=8, n_fft=1024, hop_length=256, momentum=momentum, init=None, pad_mode="reflect"
    )
    job = {"iterations": 8, "momentum": momentum}
    found = speech.run("griffin_lim", {"magnitudes": torch.from_numpy(magnitudes.T.copy())}, **job)["samples"]
    difference = found - torch.from_numpy(expected)
    assert difference.norm() <= 5e-3 * np.linalg.norm(expected)
