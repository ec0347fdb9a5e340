"""A fine-tuned model in the files that OpenVINO and ONNX Runtime load: fp32, and its linear layers in 8 bits."""

import contextlib
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

CALIBRATION_CLIPS = 8
# In 8 bits these give other answers, at least with random weights.
FULL_PRECISION = {"patterns": [".*projector.*", ".*classifier.*"], "types": ["Convolution", "GroupConvolution"]}


@dataclass
class File:
    """Written from another one in the model's folder, or ("") from the model, with clips to measure ranges on."""

    source: str
    packages: list[str]  # of what writes or loads it
    write: Callable[[Path, Path, list[Path]], None]

    def missing(self) -> list[str]:
        return [package for package in self.packages if find_spec(package) is None]


def load_logits(folder: Path):
    """[1, samples] -> [1, labels], and an example. The weight norm is multiplied out: quantize_dynamic wants weights."""
    import torch
    from transformers import AutoModelForAudioClassification

    class Logits(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.model = AutoModelForAudioClassification.from_pretrained(folder).eval().requires_grad_(False)
            convolution = self.model.base_model.encoder.pos_conv_embed.conv
            torch.nn.utils.parametrize.remove_parametrizations(convolution, "weight")

        def forward(self, input_values):
            return self.model(input_values=input_values).logits

    return Logits().eval(), torch.randn(1, 32000)


def write_onnx(folder: Path, file: Path, _) -> None:
    import torch

    model, example = load_logits(folder)
    names = {"input_names": ["input_values"], "output_names": ["logits"]}
    torch.onnx.export(model, (example,), file, dynamo=False, dynamic_axes={"input_values": {1: "samples"}}, **names)


def write_onnx_int8(source: Path, file: Path, _) -> None:
    """Its 8-bit convolutions would be slower than those in fp32."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(source, file, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul"])


def write_openvino(folder: Path, file: Path, _) -> None:
    import openvino

    model, example = load_logits(folder)
    converted = openvino.convert_model(model, example_input=example, input=[openvino.PartialShape([1, -1])])
    openvino.save_model(converted, file, compress_to_fp16=False)


def write_openvino_int8(source: Path, file: Path, clips: list[Path]) -> None:
    import nncf
    import openvino
    from peer_runtime import read_clip

    nncf.set_log_level(logging.ERROR)
    data = nncf.Dataset([read_clip(clip) for clip in clips[:CALIBRATION_CLIPS]])
    scope = nncf.IgnoredScope(**FULL_PRECISION)
    settings = {"model_type": nncf.ModelType.TRANSFORMER, "subset_size": CALIBRATION_CLIPS, "ignored_scope": scope}
    quantised = nncf.quantize(openvino.Core().read_model(source), data, **settings)
    openvino.save_model(quantised, file, compress_to_fp16=False)


FILES = {
    "model.onnx": File("", ["onnx", "onnxruntime"], write_onnx),
    "model-int8.onnx": File("model.onnx", ["onnx", "onnxruntime"], write_onnx_int8),
    "model.xml": File("", ["openvino"], write_openvino),
    "model-int8.xml": File("model.xml", ["openvino", "nncf"], write_openvino_int8),
}


def write_files(model: Path, names: list[str], clips: list[Path]) -> None:
    """Into the model's folder; to be called in a process of its own."""
    sys.modules["openvino_telemetry"] = None  # would tell Google Analytics of each conversion
    with contextlib.redirect_stdout(sys.stderr):
        for name in names:
            FILES[name].write(model / FILES[name].source, model / name, clips)
