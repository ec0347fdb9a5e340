"""Adapters that PEFT saved, whichever layers they adapt and however: `sure` gives PEFT's logits, and so does what it
exports of them."""

import json
import subprocess

import pytest
import soundfile
import torch
from peft import IA3Config, LoraConfig, PeftModel, get_peft_model
from transformers import Wav2Vec2FeatureExtractor

from parity.comparison import relative_difference
from parity.test_exchange import TOLERANCE, write_clips
from tiny_models import CTC_CLASSES, LABELS, load_ctc, make_tiny_ctc

HEAD = ["projector", "classifier"]
TOKENS = ["<pad>", "<s>", "</s>", "<unk>", "|", "A", "E", "N", "T"]

CONFIGS = {
    "some_layers": dict(target_modules=["q_proj", "v_proj"], layers_to_transform=[1], layers_pattern="layers"),
    "one_layer": dict(target_modules=["q_proj"], layers_to_transform=2),
    "excluded": dict(target_modules=["q_proj", "out_proj"], exclude_modules=r".*layers\.0.*"),
    "excluded_names": dict(target_modules=["k_proj", "v_proj"], exclude_modules=["layers.1.attention.k_proj"]),
    "regular_expression": dict(target_modules=r".*layers\.[02]\.(attention\.q_proj|feed_forward\.output_dense)"),
    "all_linear": dict(target_modules="all-linear"),
    "all_linear_head_too": dict(target_modules="all-linear", modules_to_save=None),
    "rank_pattern": dict(
        target_modules=["q_proj", "v_proj"], rank_pattern={"v_proj": 3, r"layers\.1\.attention\.q_proj": 6}
    ),
    "alpha_pattern": dict(
        target_modules=["q_proj", "k_proj"], alpha_pattern={"q_proj": 24, r"0\.attention\.k_proj": 1}
    ),
    "patterns_rank_stabilised": dict(
        target_modules=["q_proj", "intermediate_dense"],
        rank_pattern={"intermediate_dense": 2},
        alpha_pattern={"intermediate_dense": 3},
        use_rslora=True,
    ),
    "projection": dict(target_modules=["projection"]),
    "classifier": dict(target_modules=["q_proj", "classifier"], modules_to_save=None),
    "head_of_the_base": dict(target_modules=["q_proj"], modules_to_save=None),
}


IA3_CONFIGS = {
    "all": dict(target_modules=["k_proj", "v_proj", "output_dense"], feedforward_modules=["output_dense"]),
    "keys": dict(target_modules=["k_proj"], feedforward_modules=[]),
    "regular_expressions": dict(
        target_modules=r".*layers\.[02]\.(attention\.v_proj|feed_forward\.output_dense)",
        feedforward_modules=r".*output_dense",
    ),
    "excluded": dict(
        target_modules=["v_proj", "output_dense"],
        feedforward_modules=["output_dense"],
        exclude_modules=r".*layers\.1.*",
    ),
}


def adapted(model, **config):
    """The model with LoRA, nothing of which is as it starts."""
    return randomised(get_peft_model(model, LoraConfig(**(dict(r=4, lora_alpha=8, modules_to_save=HEAD) | config))))


def scaled(model, **config):
    """Likewise, with (IA)³."""
    return randomised(get_peft_model(model, IA3Config(**(dict(modules_to_save=HEAD) | config))))


@torch.no_grad()
def randomised(model):
    model = model.eval()
    generator = torch.Generator().manual_seed(7)
    for name, parameter in model.named_parameters():
        if "lora_" in name or "ia3_" in name or "modules_to_save" in name:
            parameter += 0.1 * torch.randn(parameter.shape, generator=generator)
    return model


def logits_of(model, folder, path):
    samples, rate = soundfile.read(path, dtype="float32")
    inputs = Wav2Vec2FeatureExtractor.from_pretrained(folder)(samples, sampling_rate=rate, return_tensors="pt")
    with torch.no_grad():
        return model.eval()(**inputs).logits[0]


def check_logits(sure, flags, model, folder, clips):
    """`sure predict FLAGS` gives the logits of transformers on whole clips."""
    done = sure("predict", *flags, "--format", "jsonl", "--logits", *clips)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == len(clips)
    for line in lines:
        theirs = logits_of(model, folder, line["path"])
        ours = torch.tensor(list(line["logits"].values()))
        assert relative_difference(ours, theirs) <= TOLERANCE


@pytest.mark.parametrize("name", CONFIGS)
def test_logits_are_pefts(sure, tiny_model, tmp_path, name):
    tiny = tiny_model("hubert_base" if name in ("projection", "rank_pattern") else "wav2vec2_xlsr")
    check_there_and_back(sure, adapted(tiny.load(), **CONFIGS[name]), tiny, tmp_path)


@pytest.mark.parametrize("name", IA3_CONFIGS)
def test_scaled_logits_are_pefts(sure, tiny_model, tmp_path, name):
    tiny = tiny_model("hubert_base" if name == "all" else "wav2vec2_xlsr")
    check_there_and_back(sure, scaled(tiny.load(), **IA3_CONFIGS[name]), tiny, tmp_path)


def check_there_and_back(sure, model, tiny, tmp_path):
    """sure's logits of what PEFT saved, PEFT's of what sure exports of it, and sure's of that are the same."""
    model.save_pretrained(tmp_path / "peft")
    clips = write_clips(tmp_path)
    flags = ("--model", tiny.path, "--labels", ",".join(LABELS))
    check_logits(sure, ("--adapter", tmp_path / "peft", *flags), model, tiny.path, clips)

    sure("export", "--adapter", tmp_path / "peft", *flags, "--to", "peft", "--output_dir", tmp_path / "again")
    again = PeftModel.from_pretrained(tiny.load(), str(tmp_path / "again"))
    for clip in clips:
        theirs = logits_of(model, tiny.path, clip)
        assert relative_difference(logits_of(again, tiny.path, clip), theirs) <= TOLERANCE
    check_logits(sure, ("--adapter", tmp_path / "again", *flags), model, tiny.path, clips)


def test_attention_adapters_of_mms_are_linear_too(sure, tiny_model, tmp_path):
    tiny = tiny_model("wav2vec2_mms")
    model = adapted(tiny.load(), target_modules="all-linear")
    model.save_pretrained(tmp_path / "peft")
    flags = ("--adapter", tmp_path / "peft", "--model", tiny.path)
    check_logits(sure, flags, model, tiny.path, write_clips(tmp_path))


@pytest.mark.parametrize("shape", ["wav2vec2_base", "hubert_large"])
@pytest.mark.parametrize("head", ["saved", "of_the_base", "adapted"])
def test_a_recogniser_is_pefts(sure, tiny_model, tmp_path, shape, head):
    base = make_tiny_ctc(tiny_model(shape), tmp_path / "base", TOKENS)
    targets = ["q_proj", "v_proj"] + (["lm_head"] if head == "adapted" else [])
    saved = ["lm_head"] if head == "saved" else None
    model = adapted(load_ctc(base.path), target_modules=targets, modules_to_save=saved)
    model.save_pretrained(tmp_path / "peft", save_embedding_layers=False)  # these models have no other
    clips = write_clips(tmp_path)
    flags = ("--adapter", tmp_path / "peft", "--model", base.path)
    done = sure("predict", *flags, "--format", "jsonl", *clips)
    texts = [json.loads(line)["text"] for line in done.stdout.splitlines()]

    sure("export", *flags, "--to", "hf", "--output_dir", tmp_path / "hf")
    sure("export", *flags, "--to", "peft", "--output_dir", tmp_path / "again")
    merged = CTC_CLASSES[base.model_type].from_pretrained(tmp_path / "hf")
    again = PeftModel.from_pretrained(load_ctc(base.path), str(tmp_path / "again"))
    for clip in clips:
        theirs = logits_of(model, base.path, clip)
        assert relative_difference(logits_of(merged, base.path, clip), theirs) <= TOLERANCE
        assert relative_difference(logits_of(again, base.path, clip), theirs) <= TOLERANCE
    ours = sure("predict", "--adapter", tmp_path / "again", "--model", base.path, "--format", "jsonl", *clips)
    assert [json.loads(line)["text"] for line in ours.stdout.splitlines()] == texts and any(texts)


def test_its_own_head_counts_before_the_bases(sure, tiny_model, tmp_path):
    tiny = tiny_model("wav2vec2_base")  # has a classifier
    ctc = make_tiny_ctc(tiny, tmp_path / "ctc", TOKENS)
    model = adapted(load_ctc(ctc.path), target_modules=["q_proj"], modules_to_save=["lm_head"])
    model.save_pretrained(tmp_path / "peft")
    for file in ("vocab.json", "tokenizer_config.json"):
        (tmp_path / "peft" / file).write_text((ctc.path / file).read_text())
    clip = write_clips(tmp_path)[2]
    ours = [sure("predict", "--adapter", tmp_path / "peft", "--model", base, clip) for base in (tiny.path, ctc.path)]
    assert ours[0].stdout == ours[1].stdout != ""


REFUSED = {
    "biases": (dict(bias="lora_only"), "'bias'"),
    "lora_bias": (dict(lora_bias=True), "'lora_bias'"),
    "norms_saved": (dict(modules_to_save=[*HEAD, "final_layer_norm"]), "of modules_to_save only a head"),
    "convolutions": (dict(target_modules=["conv"]), "convolution"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_loaded_is_named(sure_path, tiny_model, tmp_path, name):
    tiny = tiny_model("wav2vec2_base")
    config, words = REFUSED[name]
    adapted(tiny.load(), **(dict(target_modules=["q_proj"]) | config)).save_pretrained(tmp_path / "peft")
    check_refused(sure_path, tmp_path / "peft", tiny, words)


def test_scales_that_sure_has_none_of_are_named(sure_path, tiny_model, tmp_path):
    tiny = tiny_model("wav2vec2_base")
    scaled(tiny.load(), target_modules=["q_proj"], feedforward_modules=[]).save_pretrained(tmp_path / "peft")
    check_refused(sure_path, tmp_path / "peft", tiny, "sure scales the outputs of k_proj and v_proj")


@pytest.mark.parametrize(
    "other, words",
    [
        ("hubert_base", "another architecture"),
        ("wider", "another size"),
        ("deeper", "has 3 layers"),
    ],
)
def test_an_adapter_of_another_model_is_named(sure_path, tiny_model, tmp_path, other, words):
    changed = {"wider": dict(hidden_size=64), "deeper": dict(num_hidden_layers=4)}
    theirs = tiny_model(other) if other not in changed else tiny_model("wav2vec2_base", **changed[other])
    adapted(theirs.load(), target_modules=["q_proj"]).save_pretrained(tmp_path / "peft")
    check_refused(sure_path, tmp_path / "peft", tiny_model("wav2vec2_base"), words)


def check_refused(sure_path, adapter, tiny, words):
    command = [sure_path, "predict", "--adapter", adapter, "--model", tiny.path, tiny.path / "config.json"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60)
    assert done.returncode != 0 and words in done.stderr and done.stderr.count("\n") == 1, done.stderr


def test_training_goes_on_from_a_recogniser_of_peft(sure, tiny_model, tmp_path):
    base = make_tiny_ctc(tiny_model("wav2vec2_base"), tmp_path / "base", TOKENS)
    config = dict(target_modules=["q_proj"], modules_to_save=["lm_head"], rank_pattern={"0.attention.q_proj": 2})
    adapted(load_ctc(base.path), **config).save_pretrained(tmp_path / "peft")
    clips = write_clips(tmp_path)
    rows = [f"{clip.name}\tTAN TEE\t{split}" for clip, split in zip(clips, ("train", "valid", "test"))]
    (tmp_path / "list.tsv").write_text("\n".join(["path\ttext\tsplit", *rows]) + "\n")
    flags = ("--dataset", "manifest", "--data_dir", tmp_path / "list.tsv", "--task", "asr", "--letter_case", "upper")
    still = ("--learning_rate", 1e-30, "--max_steps", 1, "--evaluation_strategy", "no")
    start = ("--init_from", tmp_path / "peft", "--model", base.path)
    said = sure("train", *flags, *still, *start, "--output_dir", tmp_path / "run").stdout
    assert "its adapter and its head" in said
    logits = []
    for adapter in (tmp_path / "peft", tmp_path / "run"):
        done = sure("predict", "--adapter", adapter, "--model", base.path, "--format", "jsonl", *clips)
        logits.append([(line["text"], line["score"]) for line in map(json.loads, done.stdout.splitlines())])
    for (text, score), (again, near) in zip(*logits):
        assert text == again and score == pytest.approx(near, rel=1e-4)
