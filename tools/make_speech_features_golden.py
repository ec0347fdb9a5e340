"""Golden features for speech synthesis: log-mel by librosa and by transformers' SpeechT5, trimming by librosa, pitch by
Praat (parselmouth).

    python tools/make_speech_features_golden.py    # writes tests/audio/golden/speech_features.json
"""

import importlib.metadata
import json
import pathlib

import librosa
import numpy as np
import parselmouth
from transformers import SpeechT5FeatureExtractor

OUTPUT = pathlib.Path(__file__).parent.parent / "tests/audio/golden/speech_features.json"
RATE = 16000  # Hz


def voice(seconds=0.45):
    """A glide from 110 to 180 Hz with falling harmonics, noise behind it, near silence around it. A little noise all
    along: without, the highest bins are rounding errors of the tone."""
    time = np.arange(int(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(110 + 70 * time / seconds) / RATE
    tone = sum(np.sin(n * phase) / n for n in range(1, 12))
    random = np.random.default_rng(1993)
    noise = 0.05 * random.standard_normal(int(0.1 * RATE))
    silence = np.zeros(int(0.15 * RATE))
    clip = np.concatenate([silence, 0.2 * tone, noise, silence])
    return (clip + 2e-3 * random.standard_normal(len(clip))).astype(np.float32).round(5)


def mel_of(samples, rate, **options):
    mel = librosa.feature.melspectrogram(y=samples, sr=rate, power=1.0, n_fft=1024, hop_length=256, n_mels=80,
                                         pad_mode="reflect", **options)
    return mel.T


def energy_of(samples):
    spectrum = librosa.stft(samples, n_fft=1024, hop_length=256, pad_mode="reflect")
    return [round(float(x), 5) for x in np.linalg.norm(np.abs(spectrum), axis=0)]


def matrix(values, digits=5):
    return [[round(float(x), digits) for x in row] for row in values]


def main():
    samples = voice()
    sound = parselmouth.Sound(samples.astype(np.float64), RATE)
    pitch = sound.to_pitch_ac(time_step=0.016, pitch_floor=80, voicing_threshold=0.6, pitch_ceiling=750)
    hifigan = np.log(np.maximum(mel_of(samples, 22050, fmin=0, fmax=8000), 1e-5))
    speecht5 = SpeechT5FeatureExtractor()(audio_target=samples, sampling_rate=RATE, return_tensors="np")
    trimmed, range_kept = librosa.effects.trim(samples, top_db=23, frame_length=1024, hop_length=256)
    versions = [f"{name} {importlib.metadata.version(name)}" for name in ("librosa", "praat-parselmouth", "transformers")]
    golden = {
        "made_by": "tools/make_speech_features_golden.py, " + ", ".join(versions),
        "samples": [float(f"{x:.5f}") for x in samples],
        "hifigan_mel": matrix(hifigan[::4]),
        "speecht5_mel": matrix(speecht5["input_values"][0][::4]),
        "energy": energy_of(samples),
        "trimmed": [int(x) for x in range_kept],
        "pitch": {"first_time": pitch.t1, "hertz": [round(float(x), 4) for x in pitch.selected_array["frequency"]]},
    }
    OUTPUT.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
