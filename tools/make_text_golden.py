"""Golden values of vocabularies and normalised text, computed by transformers and Python's unicodedata.

    .venv/bin/python tools/make_text_golden.py    # writes tests/text/golden/*.json
"""

import json
import pathlib
import re
import tempfile
import unicodedata

import transformers
from transformers import Wav2Vec2CTCTokenizer

OUTPUT = pathlib.Path(__file__).parent.parent / "tests/text/golden"
MADE_BY = f"tools/make_text_golden.py, transformers {transformers.__version__}, Unicode {unicodedata.unidata_version}"

ENGLISH = ["<pad>", "<s>", "</s>", "<unk>", "|", *"etaonihsrdlumwcfgypbvk'xjqz"]
GERMAN = [*"aäbcdefghijklmnoöpqrsßtuüvwxyz", "|", "[UNK]", "[PAD]"]
SLOTS = ["<pad>", "<unk>", "|", *"aehjklmnpsty", "B-artist", "B-music_item", "E-artist", "E-music_item"]
PHONEMES = ["<pad>", "<unk>", "SIL", "SPN", "AA1", "B", "HH", "NG"]


def tokenizer_of(tokens):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump({token: number for number, token in enumerate(tokens)}, file)
        file.flush()
        brackets = {"unk_token": "[UNK]", "pad_token": "[PAD]"} if "[PAD]" in tokens else {}
        return Wav2Vec2CTCTokenizer(file.name, **brackets)


def encoded(tokens, text):
    # A "|" written out keeps the gap beside a slot mark, where the tokenizer would swallow a space.
    return {"tokens": tokens, "text": text, "ids": tokenizer_of(tokens)(re.sub(" ", "|", text)).input_ids}


def decoded(tokens, ids, spaces=False):
    text = tokenizer_of(tokens).decode(ids, group_tokens=False, spaces_between_special_tokens=spaces)
    return {"tokens": tokens, "ids": ids, "text": text}


def normalised(text):
    clean = re.sub(r"[\,\?\.\!\-\;\:\"]", "", unicodedata.normalize("NFC", text)).lower()
    return {"text": text, "normalised": " ".join(clean.split())}


def vocabulary_cases():
    yes = ENGLISH.index
    return {
        "encode": [
            encoded(ENGLISH, "frank read english slowly"),
            encoded(ENGLISH, "it's naïve"),
            encoded(GERMAN, "über größe"),
            encoded(GERMAN, "日本 ja"),
            encoded(SLOTS, "play B-artist kent james E-artist"),
            encoded(SLOTS, "B-music_item he E-music_item"),
        ],
        "decode": [
            decoded(ENGLISH, [yes(c) for c in "frank|read"]),
            decoded(ENGLISH, [yes("|"), yes("h"), yes("<pad>"), yes("e"), yes("|"), yes("|"), yes("i"), yes("|")]),
            decoded(ENGLISH, [yes("<s>"), yes("a"), yes("<unk>"), yes("t"), yes("</s>")]),
            decoded(ENGLISH, []),
            decoded(GERMAN, [GERMAN.index("ß"), GERMAN.index("[PAD]"), GERMAN.index("[UNK]"), GERMAN.index("|"), 0]),
            decoded(SLOTS, [SLOTS.index(t) for t in ["B-artist", "|", "k", "e", "|", "E-artist", "|", "t"]]),
            decoded(PHONEMES, [2, 6, 4, 7, 0, 7, 1], spaces=True),
        ],
    }


def main():
    texts = [
        'Well, "quoted" text - no?Yes!',
        "Cafe\u0301 CAFÉ A\u0308B",
        "Größe ÄÖÜ Straße",
        "DIYARBAKIR IŞIK",
        "東京タワー、 日本",
        "ΑΒΓ\u00a0ЖЗ\u3000  x",
    ]
    golden = {"made_by": MADE_BY, **vocabulary_cases()}
    (OUTPUT / "vocabulary.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n")
    golden = {"made_by": MADE_BY, "cases": [normalised(text) for text in texts]}
    (OUTPUT / "normalise_text.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
