"""The event files of a training run, read by the tensorboard package."""

import csv
import io
import json
import math

import pytest
import soundfile
import torch
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

STEPS = 6
LABELS = {"low": 200.0, "high": 1500.0}  # Hz


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    """Tones of two pitches, in three splits."""
    folder = tmp_path_factory.mktemp("tones")
    generator = torch.Generator().manual_seed(0)
    with (folder / "clips.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "label", "speaker", "split"])
        for split, count in (("train", 4), ("valid", 2), ("test", 2)):
            for label, pitch in LABELS.items():
                for index in range(count):
                    name = f"{split}_{label}_{index}.wav"
                    time = torch.arange(6000) / 16000
                    samples = 0.3 * (2 * math.pi * pitch * time).sin() + 0.02 * torch.randn(6000, generator=generator)
                    soundfile.write(folder / name, samples.numpy(), 16000)
                    rows.writerow([name, label, f"speaker{index}", split])
    return folder / "clips.csv"


def test_events(sure, tiny_model, manifest, tmp_path):
    model = tiny_model("wav2vec2_base")
    sure(
        *("train", "--task", "classify", "--method", "lora", "--model", model.path),
        *("--dataset", "manifest", "--data_dir", manifest, "--output_dir", tmp_path / "run"),
        *("--logging_dir", tmp_path / "log", "--logging_steps", 1, "--max_steps", STEPS, "--warmup_steps", 2),
        *("--learning_rate", 1e-3, "--evaluation_strategy", "steps", "--eval_steps", 3, "--max_samples", 6000),
        *("--save_strategy", "steps", "--save_steps", 3),
    )
    events = EventAccumulator(str(tmp_path / "log"))
    events.Reload()
    scalars = {tag: events.Scalars(tag) for tag in events.Tags()["scalars"]}
    every_step = list(range(1, STEPS + 1))
    for tag in ("train/loss", "train/learning_rate", "train/grad_norm"):
        assert [event.step for event in scalars[tag]] == every_step, tag
        assert all(math.isfinite(event.value) for event in scalars[tag]), tag
    for tag in ("eval/loss", "eval/accuracy", "eval/f1"):
        assert [event.step for event in scalars[tag]] == [3, 6], tag
    rates = [event.value for event in scalars["train/learning_rate"]]
    assert rates == pytest.approx([1e-3 * x for x in (0, 0.5, 1, 0.75, 0.5, 0.25)])
    assert all(event.value > 0 for event in scalars["train/grad_norm"])
    assert 0 <= scalars["eval/accuracy"][-1].value <= 1

    results = json.loads((tmp_path / "run" / "results.json").read_text())
    for name, value in results["test"]["metrics"].items():
        (event,) = scalars[f"test/{name}"]
        assert event.step == results["best_step"] and event.value == pytest.approx(value)
    curves = results["curves"]
    assert [point["loss"] for point in curves["train"]] == pytest.approx([e.value for e in scalars["train/loss"]])
    assert [point["accuracy"] for point in curves["valid"]] == [e.value for e in scalars["eval/accuracy"]]

    (picture,) = events.Images("test/confusion")
    image = Image.open(io.BytesIO(picture.encoded_image_string))
    assert image.size == (picture.width, picture.height) and image.mode == "RGB"
    confusion = results["test"]["confusion"]
    cell = image.width // 2
    for row in range(2):
        for column in range(2):
            shade = image.getpixel((column * cell + cell // 2, row * cell + cell // 2))
            share = confusion[row][column] / sum(confusion[row])
            assert shade == tuple(round(255 - share * (255 - full)) for full in (8, 48, 107))
    (table,) = events.Tensors("test/confusion_table")
    assert f"| high | {confusion[0][0]} | {confusion[0][1]} |" in table.tensor_proto.string_val[0].decode()

    content = events.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    start = HParamsPluginData.FromString(content).session_start_info
    assert start.hparams["method"].string_value == "lora" and start.hparams["learning_rate"].number_value == 1e-3
    content = events.SummaryMetadata("_hparams_/experiment").plugin_data.content
    tags = [metric.name.tag for metric in HParamsPluginData.FromString(content).experiment.metric_infos]
    assert "test/accuracy" in tags
