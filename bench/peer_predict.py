#!/usr/bin/env python3
"""The other side of `sure predict`: transformers' pipeline as its documentation shows.

peer_predict.py MODEL DTYPE   (DTYPE: float32 or bfloat16; clips on standard input, a JSON line for each)
"""

import json
import sys

import soundfile
import torch
from transformers import pipeline
from transformers.utils import logging


def main() -> None:
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    folder, dtype = sys.argv[1:]
    classify = pipeline("audio-classification", model=folder, dtype=getattr(torch, dtype))
    for line in sys.stdin:
        clip = line.strip()
        audio, _ = soundfile.read(clip, dtype="float32")  # given a path, the pipeline would need ffmpeg
        scores = {answer["label"]: answer["score"] for answer in classify(audio)}
        print(json.dumps({"path": clip, "probabilities": scores}), flush=True)


if __name__ == "__main__":
    main()
