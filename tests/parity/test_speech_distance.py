"""The mel-cepstral distance against PyPI's mel-cepstral-distance, between recordings of the same words."""

import mel_cepstral_distance
import numpy as np
import pytest
import soundfile
import torch

PAIRS = [
    ("7_george_0", "7_jackson_0"),
    ("3_lucas_1", "3_yweweler_1"),
    ("0_nicolas_2", "0_george_2"),
    ("5_lucas_0", "5_lucas_1"),
]


def as_16_bits(path, target):
    """A WAV of whole numbers, which is all that the package reads; and its samples."""
    samples, rate = soundfile.read(path, dtype="int16")
    soundfile.write(target, samples, rate, subtype="PCM_16")
    return torch.from_numpy(samples.astype(np.float32) / 32768), rate


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_distance_is_the_packages(speech, shared_data, tmp_path, pair):
    sounds, wavs = [], []
    for name in pair:
        [path] = (shared_data / "fsdd/recordings").glob(f"{name}.*")
        wavs.append(tmp_path / f"{name}.wav")
        samples, rate = as_16_bits(path, wavs[-1])
        sounds.append(samples)
    expected, _ = mel_cepstral_distance.compare_audio_files(wavs[0], wavs[1], dtw_radius=None)
    found = speech.run("distance", {"recording": sounds[0], "speech": sounds[1]}, rate=rate)
    assert expected > 1
    assert found["cepstral"].item() == pytest.approx(expected, rel=1e-6)
