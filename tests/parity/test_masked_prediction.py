"""Masked prediction beside the same in PyTorch; the model that pre-training writes beside transformers' HubertModel."""

import json
import subprocess

import numpy
import pytest
import soundfile
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoFeatureExtractor, HubertModel

from parity.comparison import HIDDEN_TOLERANCE, cosine, hidden_states_of, make_batch, relative_difference
from parity.masked_prediction import PADDING, MaskedPrediction
from programs import program

CLUSTERS = 13
LABELS = 6
LENGTHS = (4000, 3000, 2200)
WEIGHTS = {"feature_penalty": 10.0, "unmasked_weight": 0.5, "label_weight": 0.7, "final_dim": 24}


def make_masked_batch(model):
    """Noise with a padded end, random targets and labels, and two masked spans a clip."""
    audio = make_batch(LENGTHS)
    frames = model.backbone._get_feat_extract_output_lengths(audio.lengths)
    size, random = (len(LENGTHS), int(frames.max())), torch.Generator().manual_seed(1)
    targets, labels = (torch.randint(count, size, generator=random) for count in (CLUSTERS, LABELS))
    mask = torch.zeros_like(targets, dtype=torch.bool)
    for clip, length in enumerate(frames):
        targets[clip, length:] = PADDING
        labels[clip, length - clip:] = PADDING  # those of some frames are not known
        mask[clip, 1 : 1 + length // 4] = True
        mask[clip, length // 2 : length // 2 + length // 4] = True
    return {"audio": audio.audio, "lengths": audio.lengths, "targets": targets, "frame_labels": labels, "mask": mask}


def run_probe(folder, model_folder, model, batch):
    head = {name: value.detach() for name, value in model.named_parameters() if not name.startswith("backbone.")}
    save_file(head, folder / "head.safetensors")
    save_file({name: value.to(torch.uint8) if name == "mask" else value for name, value in batch.items()},
              folder / "input.safetensors")
    job = {"model": str(model_folder), "clusters": CLUSTERS, "labels": LABELS, "objective": WEIGHTS,
           "parameters": str(folder / "head.safetensors"), "input": str(folder / "input.safetensors"),
           "output": str(folder / "output.safetensors")}
    (folder / "job.json").write_text(json.dumps(job))
    subprocess.run([program("SURE_MASKED_PROBE", "tests/masked_probe"), folder / "job.json"], check=True)
    return load_file(folder / "output.safetensors")


@pytest.mark.parametrize("shape", ["hubert_base", "hubert_large"])
def test_loss_and_gradient(tiny_model, tmp_path, shape):
    folder = tiny_model(shape).path
    model = MaskedPrediction(folder, CLUSTERS, LABELS, WEIGHTS["final_dim"])
    batch = make_masked_batch(model)
    total, loss, penalty, correct, of_labels = model(**batch, **{k: v for k, v in WEIGHTS.items() if k != "final_dim"})
    total.backward()
    ours = run_probe(tmp_path, folder, model, batch)
    assert ours["total"].item() == pytest.approx(total.item(), rel=1e-4)
    assert ours["cross_entropy"].item() == pytest.approx(loss.item(), rel=1e-4)
    assert ours["penalty"].item() == pytest.approx(penalty.item(), rel=1e-4)
    assert ours["label_cross_entropy"].item() == pytest.approx(of_labels.item(), rel=1e-4)
    assert ours["correct"].item() == correct.item()
    compared = 0
    for name, parameter in model.named_parameters():
        if parameter.grad is None or parameter.grad.norm() < 1e-5 * total.item():
            continue
        name = name.replace("parametrizations.weight.original0", "weight_g")
        name = name.replace("parametrizations.weight.original1", "weight_v")
        gradient = ours[f"grad.{name}"]
        assert cosine(gradient, parameter.grad) >= 0.999, name
        assert gradient.norm().item() == pytest.approx(parameter.grad.norm().item(), rel=1e-2), name
        compared += 1
    assert compared > 30 and ours["grad.backbone.masked_spec_embed"].norm() > 0


SMALL = ["--hidden_size", 48, "--num_hidden_layers", 2, "--num_attention_heads", 4, "--intermediate_size", 64,
         "--conv_dim", "32,32,32,32,32,32", "--num_conv_pos_embeddings", 16, "--num_conv_pos_embedding_groups", 4,
         "--clusters", 4, "--batch_seconds", 4]


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    for index in range(6):
        noise = numpy.random.default_rng(index).normal(size=8000 + 1000 * index) * 0.1
        soundfile.write(folder / f"{index}.wav", numpy.convolve(noise, numpy.ones(index + 1)), 16000)
    return folder


def audio_of(clips, extractor):
    samples, rate = soundfile.read(clips / "3.wav", dtype="float32")
    return extractor(samples, sampling_rate=rate, return_tensors="pt")["input_values"]


@pytest.mark.parametrize("norm, stable, dtype", [("group", False, "fp32"), ("layer", True, "fp16"),
                                                 ("layer", False, "bf16")])
def test_saved_model_is_transformers_model(sure, probe, clips, tmp_path, norm, stable, dtype):
    shape = ["--feat_extract_norm", norm, "--do_stable_layer_norm", stable, "--save_dtype", dtype]
    sure("pretrain", "--audio", clips, *SMALL, *shape, "--max_steps", 3, "--output_dir", tmp_path)
    folder = tmp_path / "model"
    model, report = HubertModel.from_pretrained(folder, output_loading_info=True, attn_implementation="eager")
    assert not report["missing_keys"] and not report["unexpected_keys"] and not report["mismatched_keys"]
    assert model.dtype == torch.float32
    audio = audio_of(clips, AutoFeatureExtractor.from_pretrained(folder))
    with torch.no_grad():
        output = model.eval()(audio, output_hidden_states=True)
    batch = make_batch((audio.shape[1],))
    batch.audio = audio
    ours = probe.run(folder, batch)
    for layer, states in enumerate(hidden_states_of(output)):
        assert relative_difference(ours[f"hidden.{layer}"], states) <= HIDDEN_TOLERANCE, layer
