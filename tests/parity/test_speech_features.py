"""Pitch against Praat, spectrograms against librosa and transformers, on real recordings."""

import librosa
import numpy as np
import parselmouth
import pytest
import soundfile
import torch
from transformers import SpeechT5FeatureExtractor

CLIPS = [
    "LJSpeech-1.1/wavs/*.wav",
    "LibriSpeech/*/*/*/*.flac",
    "VCTK-Corpus/*/*/*.*",
    "emodb/wav/*.wav",
    "fsdd/recordings/*.*",
    "speech_commands_v0.01/*/*.wav",
]
EACH = 4  # clips of every corpus
PITCH = {"floor": 80.0, "ceiling": 750.0, "voicing_threshold": 0.6}  # those of the original's recipes


def recordings(shared_data):
    for pattern in CLIPS:
        found = sorted(path for path in shared_data.glob(pattern) if path.suffix in (".wav", ".flac"))
        for path in found[:: max(1, len(found) // EACH)][:EACH]:
            samples, rate = soundfile.read(path, dtype="float32")
            yield path, samples if samples.ndim == 1 else samples.mean(1), rate


def praat(samples, rate, step):
    sound = parselmouth.Sound(samples.astype(np.float64), rate)
    pitch = sound.to_pitch_ac(
        time_step=step,
        pitch_floor=PITCH["floor"],
        pitch_ceiling=PITCH["ceiling"],
        voicing_threshold=PITCH["voicing_threshold"],
    )
    return pitch.t1, pitch.selected_array["frequency"]


def test_pitch_is_praats(speech, shared_data):
    ours, theirs = [], []
    for path, samples, rate in recordings(shared_data):
        step = 256 / rate
        first, expected = praat(samples, rate, step)
        found = speech.run("pitch", {"samples": torch.from_numpy(samples)}, rate=rate, time_step=step, **PITCH)
        assert found["first_time"].item() == pytest.approx(first, abs=1e-6), path
        assert len(found["hertz"]) == len(expected), path
        ours.append(found["hertz"].numpy())
        theirs.append(expected)
    ours, theirs = np.concatenate(ours), np.concatenate(theirs)
    assert len(ours) > 2000, "too few frames to mean anything"
    assert ((ours > 0) == (theirs > 0)).mean() >= 0.995
    voiced = (ours > 0) & (theirs > 0)
    assert voiced.sum() > 500
    assert (np.abs(ours - theirs)[voiced] <= 0.01 * theirs[voiced]).mean() >= 0.995


def test_mel_is_librosas(speech, shared_data):
    for path, samples, rate in recordings(shared_data):
        if len(samples) < 1024:
            continue
        mel = librosa.feature.melspectrogram(
            y=samples, sr=22050, power=1.0, n_fft=1024, hop_length=256, n_mels=80, fmax=8000, pad_mode="reflect"
        )
        expected = torch.from_numpy(np.log(np.maximum(mel, 1e-5)).T.copy())
        found = speech.run("mel", {"samples": torch.from_numpy(samples)}, mel="hifigan")["mel"]
        torch.testing.assert_close(found, expected, rtol=1e-3, atol=5e-3, msg=str(path))


def test_mel_is_speecht5s(speech, shared_data):
    extractor = SpeechT5FeatureExtractor()
    for path, samples, rate in recordings(shared_data):
        if rate != 16000 or len(samples) < 1024:
            continue
        expected = extractor(audio_target=samples, sampling_rate=16000, return_tensors="pt")["input_values"][0]
        found = speech.run("mel", {"samples": torch.from_numpy(samples)}, mel="speecht5")["mel"]
        loud = expected > -4  # below, fp32's rounding shows in either
        torch.testing.assert_close(found[loud], expected[loud], rtol=1e-3, atol=1e-3, msg=str(path))
