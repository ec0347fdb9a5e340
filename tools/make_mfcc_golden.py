"""Golden MFCC with deltas, computed by torchaudio as HuBERT's dump_mfcc_feature.py does.

    python tools/make_mfcc_golden.py    # writes tests/audio/golden/mfcc.json

torchaudio is no part of .venv: `pip install --no-deps torchaudio==2.9.1` beside any torch; where its compiled library
does not fit that torch, delete it, since nothing here needs it.
"""

import json
import pathlib

import torch
import torchaudio
from torchaudio.compliance import kaldi

OUTPUT = pathlib.Path(__file__).parent.parent / "tests/audio/golden/mfcc.json"
RATE = 16000  # Hz


def signals():
    generator = torch.Generator().manual_seed(1314)
    seconds = torch.arange(2400, dtype=torch.float64) / RATE
    chirp = (0.4 * torch.sin(2 * torch.pi * (200 + 8000 * seconds) * seconds)).float()
    chirp += 1e-3 * torch.randn(2400, generator=generator)  # without, most energies are rounding errors of the tone
    noise = 0.1 * torch.randn(1137, generator=generator)
    return {"chirp": chirp, "noise": noise, "one_frame": noise[:400], "silence": torch.zeros(800),
            "faint": 1e-5 * chirp[:1000]}


def features(samples):
    mfcc = kaldi.mfcc(samples.unsqueeze(0), sample_frequency=RATE, use_energy=False).T
    deltas = torchaudio.functional.compute_deltas(mfcc)
    return torch.cat([mfcc, deltas, torchaudio.functional.compute_deltas(deltas)]).T


def main():
    cases = [{"name": name, "samples": [round(x, 7) for x in samples.tolist()]} for name, samples in signals().items()]
    for case in cases:
        case["features"] = [[round(x, 4) for x in row] for row in features(torch.tensor(case["samples"])).tolist()]
    versions = f"torchaudio {torchaudio.__version__}, torch {torch.__version__}"
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps({"made_by": f"tools/make_mfcc_golden.py, {versions}", "cases": cases}) + "\n")


if __name__ == "__main__":
    main()
