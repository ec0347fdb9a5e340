"""Golden values of the error rates, computed by jiwer and rapidfuzz.

    .venv/bin/pip install jiwer==4.0.0
    .venv/bin/python tools/make_error_rate_golden.py    # writes tests/metrics/golden/error_rates.json

Insertions are rapidfuzz's too: jiwer takes any of the alignments with the fewest errors, so rapidfuzz is asked for the
distance with insertions a trace dearer than the other edits, whose remainder is their number.
"""

import importlib.metadata
import json
import pathlib
import random

import jiwer
from rapidfuzz.distance import Levenshtein

OUTPUT = pathlib.Path(__file__).parent.parent / "tests/metrics/golden/error_rates.json"
WORDS = ["play", "the", "a", "song", "naïve", "größe", "音楽", "e\u0301te", "🎵", "it's", "of", "off"]
WEIGHT = 100_000


def insertions(reference, hypothesis):
    return Levenshtein.distance(reference, hypothesis, weights=(WEIGHT + 1, WEIGHT, WEIGHT)) % WEIGHT


def measures(output):
    pairs = zip(output.references, output.hypotheses)
    return {
        "errors": output.substitutions + output.deletions + output.insertions,
        "insertions": sum(insertions(*pair) for pair in pairs),
        "reference_length": sum(map(len, output.references)),
    }


def case(name, references, hypotheses):
    words = jiwer.process_words(references, hypotheses)
    characters = jiwer.process_characters(references, hypotheses)
    return {
        "name": name,
        "references": references,
        "hypotheses": hypotheses,
        "words": measures(words) | {"rate": words.wer},
        "characters": measures(characters) | {"rate": characters.cer},
    }


def corrupted(words, rng):
    result = []
    for word in words:
        kind = rng.choice(["keep", "keep", "keep", "drop", "change", "insert"])
        if kind != "drop":
            result.append(rng.choice(WORDS) if kind == "change" else word)
        if kind == "insert":
            result.append(rng.choice(WORDS))
    return result


def random_case(name, sentences, longest, rng):
    references = [[rng.choice(WORDS) for _ in range(rng.randint(1, longest))] for _ in range(sentences)]
    hypotheses = [corrupted(reference, rng) for reference in references]
    return case(name, [" ".join(r) for r in references], [" ".join(h) for h in hypotheses])


def main():
    rng = random.Random(1314)
    cases = [
        case("equal", ["turn the lights off"], ["turn the lights off"]),
        case("nothing recognised", ["turn the lights off", "on"], ["", ""]),
        case("more errors than words", ["on"], ["turn the lights off"]),
        case("spaces around and between", ["  turn  the lights "], ["turn the   lights off "]),
        case("one empty reference among others", ["", "on"], ["off it", "on"]),
        case("only empty references, something heard", ["", " "], ["off it", "on"]),
        case("only empty references, nothing heard", ["", " "], ["", ""]),
        case("phonemes", ["HH AH0 L OW1", "SIL W ER1 L D"], ["HH AH1 L OW1 SIL", "W ER1 L T"]),
        case("code points, not bytes or graphemes", ["größe e\u0301té 音楽 🎵"], ["grosse été 音乐 🎶🎵"]),
        random_case("many sentences", 60, 20, rng),
        random_case("a long transcript", 1, 1800, rng),
    ]
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("jiwer", "rapidfuzz"))
    golden = {"made_by": f"tools/make_error_rate_golden.py, {versions}", "cases": cases}
    OUTPUT.write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
