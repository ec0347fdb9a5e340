#!/usr/bin/env python3
"""The other side of `sure predict`: OpenVINO (.xml) or ONNX Runtime (.onnx), with the labels in config.json beside it.

peer_runtime.py FILE DTYPE THREADS   (DTYPE: fp32 or bf16; clips on standard input, a JSON line for each)
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile


def read_clip(path: str | Path) -> np.ndarray:
    """[1, samples], normalised as transformers does."""
    audio, _ = soundfile.read(path, dtype="float32")
    return ((audio - audio.mean()) / np.sqrt(audio.var() + 1e-7))[None]


def in_onnxruntime(file: Path, _, threads: int) -> Callable[[np.ndarray], np.ndarray]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    return lambda audio: session.run(None, {"input_values": audio})[0][0]


def in_openvino(file: Path, dtype: str, threads: int) -> Callable[[np.ndarray], np.ndarray]:
    import openvino

    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "ENABLE_HYPER_THREADING": True}
    settings["INFERENCE_PRECISION_HINT"] = {"fp32": "f32", "bf16": "bf16"}[dtype]
    compiled = openvino.Core().compile_model(file, "CPU", settings)
    return lambda audio: compiled([audio])[0][0]


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def main() -> None:
    file, dtype, threads = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    logits = (in_openvino if file.suffix == ".xml" else in_onnxruntime)(file, dtype, threads)
    labels = json.loads((file.parent / "config.json").read_text())["id2label"].values()
    for line in sys.stdin:
        scores = softmax(logits(read_clip(line.strip())).astype(np.float64))
        answer = dict(zip(labels, scores.tolist(), strict=True))
        print(json.dumps({"path": line.strip(), "probabilities": answer}), flush=True)


if __name__ == "__main__":
    main()
