"""Models that transformers fine-tuned as a whole: `sure predict --model FOLDER` without an adapter."""

import json
import subprocess

import pytest
import soundfile
import torch
from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2ForPreTraining, Wav2Vec2Processor

from parity.comparison import relative_difference
from parity.test_exchange import TOLERANCE, write_clips
from parity.test_peft_adapters import TOKENS, check_logits
from tiny_models import CTC_CLASSES, LABELS, load_classifier, load_x_vector, make_tiny_ctc, write_preprocessor


@pytest.mark.parametrize("weighted", [False, True, "tied", "transformers 4"])
@pytest.mark.parametrize("shape", ["wav2vec2_base", "wav2vec2_xlsr", "hubert_large", "hubert_batch_norm"])
def test_a_classifier(sure, tiny_model, tmp_path, shape, weighted):
    """The last layer counts with the final norm behind it in transformers 4, in 5 only where the config says so."""
    tied = weighted in ("tied", "transformers 4")
    tiny = tiny_model(shape, use_weighted_layer_sum=bool(weighted), tie_last_hidden_states=True if tied else None)
    folder = tmp_path / "model"
    model = load_classifier(tiny.path)
    model.config.id2label = dict(enumerate(LABELS))
    model.config.label2id = {label: number for number, label in enumerate(LABELS)}
    model.save_pretrained(folder)
    write_preprocessor(folder, tiny.attention_mask)
    if weighted == "transformers 4":
        config = json.loads((folder / "config.json").read_text())
        config.pop("tie_last_hidden_states")
        (folder / "config.json").write_text(json.dumps(config | {"transformers_version": "4.57.1"}))
    clips = write_clips(tmp_path)
    check_logits(sure, ("--model", folder), model, folder, clips)
    line = json.loads(sure("predict", "--model", folder, "--format", "jsonl", clips[0]).stdout)
    assert line["label"] in LABELS


@pytest.mark.parametrize("shape", ["wav2vec2_base", "hubert_large", "wav2vec2_mms"])
def test_a_recogniser(sure, tiny_model, tmp_path, shape):
    folder = make_tiny_ctc(tiny_model(shape), tmp_path / "model", TOKENS).path
    clips = write_clips(tmp_path)
    done = sure("predict", "--model", folder, "--format", "jsonl", *clips)
    processor = Wav2Vec2Processor.from_pretrained(folder)
    model = CTC_CLASSES[json.loads((folder / "config.json").read_text())["model_type"]].from_pretrained(folder).eval()
    for line in map(json.loads, done.stdout.splitlines()):
        samples, rate = soundfile.read(line["path"], dtype="float32")
        with torch.no_grad():
            logits = model(**processor.feature_extractor(samples, sampling_rate=rate, return_tensors="pt")).logits
        assert line["text"] == processor.tokenizer.decode(logits[0].argmax(-1))
    sure("export", "--model", folder, "--to", "hf", "--output_dir", tmp_path / "hf")
    again = type(model).from_pretrained(tmp_path / "hf").eval()
    noise = torch.randn(1, 8000, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        assert relative_difference(again(noise).logits, model(noise).logits) <= TOLERANCE


def test_voices(sure, tiny_model, tmp_path):
    folder = tmp_path / "model"
    model = load_x_vector(tiny_model("wav2vec2_xlsr", tdnn_dilation=(1, 1, 1)))
    model.save_pretrained(folder)
    write_preprocessor(folder, True)
    clips = write_clips(tmp_path)[1:]
    (tmp_path / "trials.txt").write_text(f"{clips[0].name} {clips[1].name}\n")
    done = sure("verify", "--model", folder, "--trials", tmp_path / "trials.txt", "--data_dir", tmp_path)
    extractor = Wav2Vec2FeatureExtractor.from_pretrained(folder)
    voices = []
    for clip in clips:
        samples, rate = soundfile.read(clip, dtype="float32")
        with torch.no_grad():
            inputs = extractor(samples, sampling_rate=rate, return_tensors="pt")
            voices.append(model.eval()(inputs.input_values).embeddings[0])
    score = float(done.stdout.split("\t")[2])
    assert score == pytest.approx(torch.cosine_similarity(*voices, dim=0).item(), abs=1e-4)


def test_a_model_without_a_head_is_named(sure_path, tmp_path, tiny_model):
    config = Wav2Vec2Config.from_pretrained(tiny_model("wav2vec2_base").path)
    Wav2Vec2ForPreTraining(config).save_pretrained(tmp_path / "model")
    write_preprocessor(tmp_path / "model", False)
    command = [sure_path, "predict", "--model", tmp_path / "model", *write_clips(tmp_path)]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "Wav2Vec2ForPreTraining" in done.stderr and "--adapter" in done.stderr


@pytest.mark.parametrize("model, words", [("random-tiny", "--adapter"), ("nobody/nothing", "nobody/nothing")])
def test_a_model_that_has_no_folder_is_named(sure_path, tmp_path, model, words):
    command = [sure_path, "predict", "--model", model, *write_clips(tmp_path)]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and done.stderr.count("\n") == 1 and words in done.stderr, done.stderr
    assert "adapter.json" not in done.stderr
