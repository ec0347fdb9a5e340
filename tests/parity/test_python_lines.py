"""The Python lines that `sure export` prints give what `sure predict` gives."""

import json

import pytest
import torch

from parity.adapters import Reference
from parity.comparison import make_batch, relative_difference
from parity.test_exchange import TOKENS, TOLERANCE, moved, write_clips
from tiny_models import LABELS, add_ctc_head, load_x_vector

HEARD = {
    "padded": {"max_samples": 12000, "padding": "max_length"},
    "cut": {"max_samples": 6000, "padding": "longest"},
    "whole": {"max_samples": 0, "padding": "exact"},
}


@pytest.fixture
def adapter(probe, tmp_path):
    """adapter(tiny model, method, heard, model, …): the folder of an adapter that hears clips so."""

    def make(tiny, method, heard, model=None, **job):
        places = {"freeze_front_end": True} if model and method == "finetune" else {}
        reference = Reference(model or tiny.load(), method, **places).randomise()
        job |= {"initial": moved(reference), "save": str(tmp_path / "adapter"), "options": HEARD[heard]}
        probe.run(tiny.path, make_batch((4000, 3100)), method=method, places=places, **job)
        return tmp_path / "adapter"

    return make


@pytest.fixture
def lines(sure, tmp_path):
    """lines(adapter, form): the lines that its export prints, which the exported folder holds too."""

    def export(adapter, form):
        folder = tmp_path / form
        printed = sure("export", "--adapter", adapter, "--to", form, "--output_dir", folder).stdout
        first, _, lines = printed.partition("\n\n")
        assert first == str(folder) and lines in (folder / "README.md").read_text()
        return lines

    return export


def run(lines, clip):
    """What the lines name: `logits`, `embedding` …"""
    names = {}
    exec(compile(lines.replace("clip.wav", str(clip)), "printed", "exec"), names)  # noqa: S102: what a user would run
    return names


@pytest.mark.parametrize(
    "shape, form, method, heard",
    [
        ("wav2vec2_base", "hf", "finetune", "padded"),
        ("wav2vec2_base", "peft", "lora", "whole"),
        ("wav2vec2_xlsr", "hf", "lora", "cut"),
        ("wav2vec2_xlsr", "peft", "lora", "padded"),
        ("hubert_base", "hf", "lora", "whole"),
        ("hubert_base", "peft", "lora", "padded"),
        ("hubert_large", "hf", "head", "padded"),
    ],
)
def test_classes(sure, adapter, lines, tiny_model, tmp_path, shape, form, method, heard):
    folder = adapter(tiny_model(shape), method, heard)
    printed = lines(folder, form)
    clips = write_clips(tmp_path)
    done = sure("predict", "--adapter", folder, "--format", "jsonl", "--logits", *clips)
    for line in map(json.loads, done.stdout.splitlines()):
        theirs = run(printed, line["path"])
        ours = torch.tensor([line["logits"][label] for label in LABELS])
        assert relative_difference(ours, theirs["logits"]) <= TOLERANCE
        assert theirs["labels"][theirs["logits"].argmax()] == line["label"]


@pytest.mark.parametrize("shape, form", [("wav2vec2_base", "peft"), ("hubert_large", "hf"), ("hubert_large", "peft")])
def test_transcripts(sure, adapter, lines, tiny_model, tmp_path, capsys, shape, form):
    tiny = tiny_model(shape)
    tokens = TOKENS["asr"]
    folder = adapter(tiny, "lora", "whole", add_ctc_head(tiny, tokens), task="asr", labels=tokens)
    printed = lines(folder, form)
    done = sure("predict", "--adapter", folder, "--format", "jsonl", *write_clips(tmp_path))
    for line in map(json.loads, done.stdout.splitlines()):
        run(printed, line["path"])
        assert capsys.readouterr().out.strip() == line["text"] != ""


def test_voices(sure, adapter, lines, tiny_model, tmp_path):
    tiny = tiny_model("wav2vec2_xlsr", tdnn_dilation=(1, 1, 1))
    folder = adapter(tiny, "finetune", "padded", load_x_vector(tiny), task="verification")
    printed = lines(folder, "hf")
    clips = write_clips(tmp_path)
    (tmp_path / "trials.txt").write_text(f"{clips[0].name} {clips[1].name}\n")
    done = sure("verify", "--adapter", folder, "--trials", tmp_path / "trials.txt", "--data_dir", tmp_path)
    voices = [run(printed, clip)["embedding"] for clip in clips[:2]]
    assert float(done.stdout.split("\t")[2]) == pytest.approx(torch.cosine_similarity(*voices, dim=0).item(), abs=1e-4)
