"""Golden values of the slot metrics, computed by s3prl/metric/slot_filling.py.

    .venv/bin/pip install --no-deps s3prl==0.4.18 editdistance==0.8.1
    .venv/bin/python tools/make_slot_golden.py [SNIPS]    # writes tests/metrics/golden/slots.json

SNIPS is a folder with test/seq.in and test/seq.out (github.com/MiuLab/SlotGated-SLU, data/snips). Its sentences are
not copied: the golden values of "snips" are of every sentence heard as the next one that the file has.
"""

import importlib.metadata
import json
import pathlib
import random
import sys

from s3prl.metric import slot_filling

OUTPUT = pathlib.Path(__file__).parent.parent / "tests/metrics/golden/slots.json"
TYPES = ["artist", "artist_type", "city", "playlist"]
WORDS = ["play", "kent", "james", "in", "new", "york", "zoë", "音楽", "B-52s", "E-40"]


def measures(references, hypotheses):
    metrics = {
        "type_f1": slot_filling.slot_type_f1,
        "value_cer": slot_filling.slot_value_cer,
        "value_wer": slot_filling.slot_value_wer,
        "edit_f1_full": slot_filling.slot_edit_f1_full,
        "edit_f1_part": slot_filling.slot_edit_f1_part,
    }
    values = {}
    for name, metric in metrics.items():
        try:
            values[name] = metric(hypotheses, references)
        except ZeroDivisionError:
            values[name] = None
    return values


def case(name, references, hypotheses):
    return {"name": name, "references": references, "hypotheses": hypotheses} | measures(references, hypotheses)


def random_sentence(rng):
    parts = []
    for _ in range(rng.randint(0, 4)):
        words = " ".join(rng.choices(WORDS, k=rng.randint(1, 3)))
        slot = rng.choice(TYPES)
        parts.append(f"B-{slot} {words} E-{slot}" if rng.random() < 0.6 else words)
    return " ".join(parts)


def heard(sentence, errors, rng):
    """The sentence after random edits of tokens and single characters, marks of slots and spaces included."""
    tokens = sentence.split(" ")
    for _ in range(rng.randint(0, errors)):
        at = rng.randrange(len(tokens))
        tokens[at] = rng.choice(["", tokens[at - 1], f"B-{rng.choice(TYPES)}", f"E-{rng.choice(TYPES)}", *WORDS])
    characters = list(" ".join(tokens))
    for _ in range(rng.randint(0, errors)):
        if characters:
            characters[rng.randrange(len(characters))] = rng.choice(["", " ", "-", "B", "a"])
    return "".join(characters)


def random_case(name, errors, rng):
    references = [random_sentence(rng) for _ in range(150)]
    return case(name, references, [heard(reference, errors, rng) for reference in references])


def marked(words, tags):
    """"play kent james", "O B-artist I-artist" as "play B-artist kent james E-artist"."""
    text = []
    for word, tag, after in zip(words, tags, [*tags[1:], "O"]):
        if tag.startswith("B-"):
            text.append(tag)
        text.append(word)
        if tag != "O" and after != "I-" + tag[2:]:
            text.append("E-" + tag[2:])
    return " ".join(text)


def snips(folder):
    lines = [(folder / "test" / name).read_text().splitlines() for name in ("seq.in", "seq.out")]
    sentences = [marked(words.split(), tags.split()) for words, tags in zip(*lines)]
    sentences = [sentence for sentence in sentences if not set(sentence) & set(":;")]
    return {"sentences": len(sentences)} | measures(sentences, sentences[1:] + sentences[:1])


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data/meta/snips_slotgated/data/snips")
    rng = random.Random(1314)
    kent = "play B-artist kent james E-artist"
    cases = [
        case("equal", [kent, "stop"], [kent, "stop"]),
        case("no slots on either side", ["stop", "go on"], ["stop", "go"]),
        case("no slots in the references", ["stop"], [kent]),
        case("no slots in the hypotheses", [kent], ["play kent james"]),
        case("another type", [kent], ["play B-city kent james E-city"]),
        case("the closest of several values", [kent], ["B-artist rent E-artist B-artist kent jame E-artist"]),
        case("too many wrong values", [kent], ["B-artist a E-artist B-city b E-city B-city c E-city"]),
        case("a hundred times too long", ["B-artist a E-artist"], [f"B-artist {'b' * 100} E-artist"]),
        case("just below a hundred times", ["B-artist a E-artist"], [f"B-artist {'b' * 99} E-artist"]),
        case("no closing mark", [kent], ["play B-artist kent james"]),
        case("a type that continues the other", [kent], ["play B-artist kent E-artist_type"]),
        case("slots in each other", [kent], ["play B-artist kent B-city james E-city E-artist"]),
        case("marks within words", [kent], ["playB-artist kentB-city james E-artistB-city x E-city"]),
        case("empty types and values", [kent], ["B- kent E- B-artist  E-artist B- B-artist E-artist james E-artist"]),
        case("spaces", ["play  B-artist  kent  james  E-artist"], [" play B-artist   kent james  E-artist "]),
        random_case("few errors", 2, rng),
        random_case("many errors", 8, rng),
    ]
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("s3prl", "editdistance"))
    golden = {"made_by": f"tools/make_slot_golden.py, {versions}", "cases": cases, "snips": snips(folder)}
    OUTPUT.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
