"""Folders of CTC models as transformers, old and new, leaves them: `sure` writes the transcripts that transformers
writes, and what `sure export` makes of them is read back with the same blank, delimiter and letters."""

import json
from dataclasses import dataclass, field

import pytest
import soundfile
import torch
from transformers import AutoProcessor, AutoTokenizer, Wav2Vec2FeatureExtractor

from tiny_models import load_ctc, randomise

RATE = 16000  # Hz
USUAL = ["<pad>", "<unk>", "|", "a", "b", "c", "d", "ch", "'s", "."]


def swapped(**tokens):
    """The usual tokens with others in their place."""
    return [tokens.get({"|": "delimiter", "<pad>": "blank"}.get(token, token), token) for token in USUAL]


@dataclass
class Folder:
    tokens: list = field(default_factory=lambda: USUAL)
    config: dict = field(default_factory=dict)  # tokenizer_config.json
    files: dict = field(default_factory=dict)  # others by name
    outputs: int = 0  # of the head; 0: one a token
    delimiter: str = "|"
    text: str = "ab cd"
    normalize: bool = True


def added(content):
    return {"__type": "AddedToken", "content": content, "lstrip": False, "normalized": False, "rstrip": False}


SENTENCE = {"<s>": 10, "</s>": 11}
FOLDERS = {
    "usual": Folder(),
    "pad_is_s": Folder([*USUAL, "<s>", "</s>"], {"pad_token": "<s>"}),
    "space_between_words": Folder(swapped(delimiter=" "), {"word_delimiter_token": " "}, delimiter=" "),
    "line_between_words": Folder(swapped(delimiter="_"), {"word_delimiter_token": "_"}, delimiter="_"),
    "object_between_words": Folder(swapped(delimiter="_"), {"word_delimiter_token": added("_")}, delimiter="_"),
    "other_gap": Folder(config={"replace_word_delimiter_char": "+"}),
    "upper_case": Folder([t.upper() if t[0] not in "<|" else t for t in USUAL], {"do_lower_case": True}),
    "clean_up": Folder(config={"clean_up_tokenization_spaces": True}),
    "added_tokens": Folder(files={"added_tokens": SENTENCE}, outputs=12),
    "added_tokens_beyond": Folder(files={"added_tokens": SENTENCE}, outputs=10),
    "added_tokens_decoder": Folder(
        config={"added_tokens_decoder": {str(n): {"content": t} for t, n in SENTENCE.items()}}, outputs=12
    ),
    "special_tokens_nowhere": Folder(outputs=12),
    "special_tokens_map": Folder(
        swapped(blank="[PAD]"), files={"special_tokens_map": {"pad_token": {"content": "[PAD]"}, "bos_token": "'s"}}
    ),
    "outputs_without_token": Folder(outputs=13),
    "parts_of_characters": Folder([*USUAL, "e", "\u0301", "o\u0302"], text="\u00e9 \u00f4b"),
    "composed": Folder([*USUAL, "\u00e9"], text="e\u0301 b"),
    "no_delimiter": Folder([t for t in USUAL if t != "|"], {"word_delimiter_token": None}, delimiter=None),
    "phonemes": Folder(
        ["<pad>", "<unk>", "AA0", "B", "CH", "D"],
        {"tokenizer_class": "Wav2Vec2PhonemeCTCTokenizer", "do_phonemize": False},
        delimiter=None,
        text="B AA0",
    ),
    "processor_config": Folder(normalize=False),
}


def samples_of(seed, length=20000):
    generator = torch.Generator().manual_seed(seed)
    return 0.1 + 0.2 * torch.randn(length, generator=generator).cumsum(0).sin()


def write_folder(tiny, folder, case):
    """A random CTC model with these files."""
    outputs = case.outputs or len(case.tokens)
    blank = case.tokens.index(case.config.get("pad_token", case.tokens[0]))
    model = load_ctc(tiny.path, vocab_size=outputs, pad_token_id=blank)
    randomise(model.lm_head, seed=2 + len(case.tokens))
    with torch.no_grad():  # every token is the likeliest of some frames
        audio = torch.stack([samples_of(9)])
        mean = model(audio, output_hidden_states=True).hidden_states[-1].mean((0, 1))
        model.lm_head.bias.copy_(-model.lm_head.weight @ mean)
    model.save_pretrained(folder)
    extractor = Wav2Vec2FeatureExtractor(do_normalize=case.normalize, return_attention_mask=tiny.attention_mask)
    extractor.save_pretrained(folder)
    if not case.normalize:
        nested = json.loads((folder / "preprocessor_config.json").read_text())
        (folder / "preprocessor_config.json").unlink()
        (folder / "processor_config.json").write_text(json.dumps({"feature_extractor": nested}))
    config = {"tokenizer_class": "Wav2Vec2CTCTokenizer", **case.config}
    vocab = {token: number for number, token in enumerate(case.tokens)}
    for name, content in {"vocab": vocab, "tokenizer_config": config, **case.files}.items():
        (folder / f"{name}.json").write_text(json.dumps(content))


def transcripts(folder, clips, delimiter=None, model=None):
    """What transformers writes."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    if delimiter is not None:
        tokenizer._word_delimiter_token = delimiter  # 5.23 drops another than "|" that is a plain string
    extractor = Wav2Vec2FeatureExtractor.from_pretrained(folder)
    model = model or load_ctc(folder)
    ids = []
    with torch.no_grad():
        for clip in clips:
            inputs = extractor(soundfile.read(clip)[0], sampling_rate=RATE, return_tensors="pt")
            ids.append(model(**inputs).logits.argmax(-1)[0])
    assert len(set(torch.cat(ids).tolist())) > 3, ids
    return tokenizer.batch_decode(ids)


def lines_of(done):
    return [json.loads(line)["text"] for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    for index, length in enumerate((20000, 9000)):
        soundfile.write(folder / f"{index}.wav", samples_of(index, length).numpy(), RATE, subtype="FLOAT")
    return sorted(folder.iterdir())


@pytest.fixture
def train(sure, clips, tmp_path):
    """train(model, task, text): an adapter that is the model's own head, a step of almost nothing later."""

    def run(model, task, text, method="head"):
        rows = [f"{clip}\t{text}\t{split}" for clip, split in zip(clips, ("train", "valid"))]
        (tmp_path / "data.tsv").write_text("\n".join(["path\ttext\tsplit", *rows]) + "\n")
        if task == "phoneme":
            (tmp_path / "data.tsv").write_text((tmp_path / "data.tsv").read_text().replace("\ttext\t", "\tphonemes\t", 1))
        data = ["--dataset", "manifest", "--data_dir", tmp_path / "data.tsv", "--task", task, "--vocab", "model"]
        short = ["--max_steps", 1, "--learning_rate", 1e-30, "--evaluation_strategy", "no", "--do_eval", False]
        again = ["--overwrite_output_dir", True]
        return sure("train", *data, *short, *again, "--model", model, "--method", method, "--output_dir", tmp_path / "run")

    return run


@pytest.mark.parametrize("name", FOLDERS)
def test_transcripts(name, train, sure, clips, tiny_model, tmp_path):
    case = FOLDERS[name]
    write_folder(tiny_model("wav2vec2_base"), tmp_path / "model", case)
    done = train(tmp_path / "model", "phoneme" if name == "phonemes" else "asr", case.text)
    assert "starts as the checkpoint's own CTC head" in done.stdout
    assert "not in the vocabulary" not in done.stdout
    expected = transcripts(tmp_path / "model", clips, case.delimiter)
    adapter = tmp_path / "run" / "best_model"
    assert lines_of(sure("predict", "--adapter", adapter, "--format", "jsonl", *clips)) == expected

    sure("export", "--adapter", adapter, "--to", "hf", "--output_dir", tmp_path / "hf")
    assert transcripts(tmp_path / "hf", clips) == expected
    processor = AutoProcessor.from_pretrained(tmp_path / "hf")
    assert processor.feature_extractor.do_normalize == case.normalize
    train(tmp_path / "hf", "phoneme" if name == "phonemes" else "asr", case.text)
    assert lines_of(sure("predict", "--adapter", adapter, "--format", "jsonl", *clips)) == expected


def test_a_peft_folder_has_the_same_tokenizer(train, sure, tiny_model, tmp_path):
    case = FOLDERS["line_between_words"]
    write_folder(tiny_model("wav2vec2_base"), tmp_path / "model", case)
    train(tmp_path / "model", "asr", case.text, method="lora")
    sure("export", "--adapter", tmp_path / "run", "--to", "peft", "--output_dir", tmp_path / "peft")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "peft")
    assert (tokenizer.pad_token, tokenizer.word_delimiter_token) == ("<pad>", "_")
    assert tokenizer.decode([3, 2, 4, 4, 0, 4, 7]) == "a bbch"
