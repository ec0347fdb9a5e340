"""What `sure export` writes is loaded by PEFT and transformers, and what PEFT trains is loaded by `sure`."""

import json

import pytest
import soundfile
import torch
from peft import PeftModel
from torch.nn.functional import normalize
from transformers import Wav2Vec2FeatureExtractor, Wav2Vec2ForXVector, Wav2Vec2Processor

from parity.adapters import Reference
from parity.comparison import make_batch, relative_difference
from tiny_models import (
    CLASSES,
    CTC_CLASSES,
    LABELS,
    add_ctc_head,
    load_classifier,
    load_ctc,
    load_x_vector,
    write_preprocessor,
)

TOLERANCE = 1e-4
RATE = 16000  # Hz


def logits_of(model, batch, tiny):
    mask = torch.arange(batch.audio.shape[1])[None] < batch.lengths[:, None] if tiny.attention_mask else None
    with torch.no_grad():
        return model.eval()(batch.audio, attention_mask=mask).logits


@pytest.fixture
def adapted(probe, tmp_path):
    """adapted(tiny model, method): logits of a model with its adapter saved below tmp_path, and the batch. `model`:
    transformers' side; None: the classifier."""

    def run(tiny, method, model=None, **job):
        batch = make_batch((4000, 3100))
        # What these tasks freeze unless they are told otherwise.
        places = {"freeze_front_end": True} if model and method == "finetune" else {}
        reference = Reference(model or tiny.load(), method, **places).randomise()
        folder = tmp_path / "adapter"
        job |= {"initial": moved(reference), "save": str(folder)}
        ours = probe.run(tiny.path, batch, method=method, places=places, **job)
        return ours["logits"], batch, folder

    return run


@torch.no_grad()
def moved(reference):
    """Trained parameters away from those of the folder, as after training."""
    generator = torch.Generator().manual_seed(5)
    for parameter in reference.trained.values():
        parameter += 0.02 * torch.randn(parameter.shape, generator=generator)
    return reference.trained


@pytest.mark.parametrize("method", ["lora", "ia3"])
@pytest.mark.parametrize("shape", ["wav2vec2_base", "wav2vec2_xlsr", "hubert_large"])
def test_peft_loads_an_exported_adapter(sure, adapted, tiny_model, tmp_path, shape, method):
    tiny = tiny_model(shape)
    ours, batch, adapter = adapted(tiny, method)
    sure("export", "--adapter", adapter, "--to", "peft", "--output_dir", tmp_path / "peft")
    model = PeftModel.from_pretrained(tiny.load(), str(tmp_path / "peft"))
    assert relative_difference(logits_of(model, batch, tiny), ours) <= TOLERANCE


@pytest.mark.parametrize("method", ["finetune", "lora", "ia3", "bitfit", "head"])
@pytest.mark.parametrize(
    "shape",
    ["wav2vec2_base", "wav2vec2_xlsr", "wav2vec2_mms", "hubert_base", "hubert_batch_norm", "wavlm_base", "data2vec"]
    + ["unispeech_base", "unispeech_sat_large"],
)
def test_transformers_loads_an_exported_model(sure, adapted, tiny_model, tmp_path, shape, method):
    tiny = tiny_model(shape)
    ours, batch, adapter = adapted(tiny, method)
    check_exported(sure, ours, batch, adapter, tiny, tmp_path / "hf")


@pytest.mark.parametrize("shape", ["wav2vec2_base", "wav2vec2_xlsr"])
def test_transformers_loads_an_exported_model_with_layer_weights(sure, adapted, tiny_model, tmp_path, shape):
    tiny = tiny_model(shape, use_weighted_layer_sum=True, tie_last_hidden_states=None)
    ours, batch, adapter = adapted(tiny, "finetune", head={"use_weighted_layer_sum": True})
    check_exported(sure, ours, batch, adapter, tiny, tmp_path / "hf")


def check_exported(sure, ours, batch, adapter, tiny, folder):
    sure("export", "--adapter", adapter, "--to", "hf", "--output_dir", folder)
    _, loading = CLASSES[tiny.model_type].from_pretrained(folder, output_loading_info=True)
    assert not any(loading.values()), loading
    model = load_classifier(folder)
    assert [model.config.id2label[i] for i in range(len(LABELS))] == LABELS
    assert relative_difference(logits_of(model, batch, tiny), ours) <= TOLERANCE
    Wav2Vec2FeatureExtractor.from_pretrained(folder)


TOKENS = {
    "asr": ["<s>", "</s>", "<pad>", "<unk>", "|", "A", "É", "N", "T"],
    "slot": ["<pad>", "<unk>", "|", "a", "e", "n", "B-name", "E-name"],
    "phoneme": ["<pad>", "<unk>", "AH0", "T", "OW1", "IY"],
}


@pytest.fixture
def recogniser(adapted):
    """recogniser(tiny model, task, method): logits, the batch, the adapter's folder."""

    def run(tiny, task, method):
        return adapted(tiny, method, model=add_ctc_head(tiny, TOKENS[task]), task=task, labels=TOKENS[task])

    return run


@pytest.mark.parametrize("method", ["finetune", "lora"])
@pytest.mark.parametrize(
    "shape, task",
    [("wav2vec2_base", "asr"), ("wav2vec2_xlsr", "slot"), ("wav2vec2_xlsr", "phoneme"), ("hubert_large", "asr")],
)
def test_transformers_loads_an_exported_recogniser(sure, recogniser, tiny_model, tmp_path, shape, task, method):
    tiny = tiny_model(shape)
    ours, batch, adapter = recogniser(tiny, task, method)
    folder = tmp_path / "hf"
    sure("export", "--adapter", adapter, "--to", "hf", "--output_dir", folder)
    _, loading = CTC_CLASSES[tiny.model_type].from_pretrained(folder, output_loading_info=True)
    assert not any(loading.values()), loading
    model = load_ctc(folder)
    check_recogniser(sure, model, folder, ours, batch, adapter, tiny, tmp_path)
    assert model.config.pad_token_id == TOKENS[task].index("<pad>")


def test_peft_loads_an_exported_recogniser(sure, recogniser, tiny_model, tmp_path):
    tiny = tiny_model("wav2vec2_base")
    ours, batch, adapter = recogniser(tiny, "asr", "lora")
    folder = tmp_path / "peft"
    sure("export", "--adapter", adapter, "--to", "peft", "--output_dir", folder)
    base = load_ctc(tiny.path, vocab_size=len(TOKENS["asr"]))
    model = PeftModel.from_pretrained(base, str(folder)).eval()
    write_preprocessor(folder, tiny.attention_mask)
    check_recogniser(sure, model, folder, ours, batch, adapter, tiny, tmp_path)


def check_recogniser(sure, model, folder, ours, batch, adapter, tiny, tmp_path):
    """The same logits; the same text as the processor of `folder` reads from them."""
    assert relative_difference(logits_of(model, batch, tiny), ours) <= TOLERANCE
    clips = write_clips(tmp_path)
    done = sure("predict", "--adapter", adapter, "--format", "jsonl", *clips)
    processor = Wav2Vec2Processor.from_pretrained(folder)
    texts = []
    for line in map(json.loads, done.stdout.splitlines()):
        samples, rate = soundfile.read(line["path"], dtype="float32")
        with torch.no_grad():
            logits = model(**processor.feature_extractor(samples, sampling_rate=rate, return_tensors="pt")).logits
        texts.append(processor.tokenizer.decode(logits[0].argmax(-1)))
        if "E-" in texts[-1]:  # without a delimiter beside it, only `sure` puts a space around a slot mark
            assert line["text"].replace(" ", "") == texts[-1].replace(" ", "")
        else:
            assert line["text"] == texts[-1]
    assert len(texts) == len(clips) and any(texts)


def test_transformers_loads_an_exported_verifier(sure, adapted, tiny_model, tmp_path):
    tiny = tiny_model("wav2vec2_xlsr", tdnn_dilation=(1, 1, 1))
    cosines, batch, adapter = adapted(tiny, "finetune", model=load_x_vector(tiny), task="verification")
    sure("export", "--adapter", adapter, "--to", "hf", "--output_dir", tmp_path / "hf")
    model, loading = Wav2Vec2ForXVector.from_pretrained(
        tmp_path / "hf", attn_implementation="eager", output_loading_info=True
    )
    assert not any(loading.values()), loading
    theirs = normalize(logits_of(model, batch, tiny), dim=1) @ normalize(model.objective.weight.detach(), dim=0)
    assert relative_difference(theirs, cosines) <= TOLERANCE


@pytest.mark.parametrize(
    "shape, method", [("wav2vec2_base", "lora"), ("wav2vec2_xlsr", "lora"), ("hubert_base", "lora"), ("hubert_base", "ia3")]
)
def test_sure_loads_an_adapter_that_peft_trained(sure, tiny_model, tmp_path, shape, method):
    tiny = tiny_model(shape)
    reference = Reference(tiny.load(), method)
    train(reference)
    reference.model.save_pretrained(tmp_path / "peft")
    clips = write_clips(tmp_path)
    options = ("--labels", ",".join(LABELS), "--padding", "longest", "--format", "jsonl", "--logits")
    done = sure("predict", "--model", tiny.path, "--adapter", tmp_path / "peft", *options, *clips)
    predictions = {line["path"]: line for line in map(json.loads, done.stdout.splitlines())}
    assert predictions.keys() == set(map(str, clips))
    extractor = Wav2Vec2FeatureExtractor.from_pretrained(tiny.path)
    for path in clips:
        samples, rate = soundfile.read(path, dtype="float32")
        inputs = extractor(samples, sampling_rate=rate, return_tensors="pt")
        with torch.no_grad():
            theirs = reference.model.eval()(**inputs).logits[0]
        ours = predictions[str(path)]
        logits = torch.tensor([ours["logits"][label] for label in LABELS])
        assert relative_difference(logits, theirs) <= TOLERANCE
        assert ours["label"] == LABELS[theirs.argmax()]


def train(reference, steps=5):
    """A few steps, so that no part of the adapter is as it started."""
    batch = make_batch()
    optimiser = torch.optim.AdamW(reference.trained.values(), lr=1e-2)
    for _ in range(steps):
        optimiser.zero_grad()
        reference.forward(batch.audio, batch.labels).loss.backward()
        optimiser.step()


def write_clips(folder):
    generator = torch.Generator().manual_seed(1)
    paths = []
    for index, length in enumerate((5000, 9000, 16000)):
        samples = 0.1 + 0.2 * torch.randn(length, generator=generator).cumsum(0).sin()
        paths.append(folder / f"clip{index}.wav")
        soundfile.write(paths[-1], samples.numpy(), RATE, subtype="FLOAT")
    return paths
