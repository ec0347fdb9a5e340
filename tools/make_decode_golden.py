"""Golden values of the decoders: n-gram scores by KenLM, word times by transformers.

    .venv/bin/python -m pip install kenlm==0.3.0
    .venv/bin/python tools/make_decode_golden.py    # writes tests/decode/golden/*.json

The n-gram models are estimated here, with interpolated absolute discounting, from the sentences below.
"""

import collections
import json
import math
import pathlib
import random
import tempfile

import kenlm
import transformers

OUTPUT = pathlib.Path(__file__).parent.parent / "tests/decode/golden"
KENLM = "kenlm 0.3.0"
DISCOUNT = 0.6

SENTENCES = """
turn on the light in the kitchen
turn off the light in the bedroom
turn the music up in the kitchen
turn the music down
play the next song
play the last song again
play some quiet music in the bedroom
stop the music
set a timer for ten minutes
set a timer for five minutes
set an alarm for seven in the morning
what is the weather like in the morning
what is the time
call my sister in the morning
call the office again
add milk and bread to the list
add eggs to the list
read the list to me
how far is it to the station
show me the way to the station
open the window in the kitchen
close the window and turn on the heating
it is cold in the bedroom
remind me to call my sister
remind me to water the plants in the morning
naïve façade
""".strip().splitlines()

HELD_OUT = [
    "turn on the music in the kitchen",
    "set an alarm for ten in the morning",
    "zebras turn the list to me",
    "the the the",
    "unheard of words",
    "naïve morning",
    "",
]

# Pruned as SRILM prunes: the last words of "a b c" are no 2-gram. No <unk>.
PRUNED = """
\\data\\
ngram 1=5
ngram 2=8
ngram 3=2

\\1-grams:
-99\t<s>\t-0.3
-0.9\t</s>
-0.7\ta\t-0.25
-0.8\tb\t-0.125
-1.1\tc\t-0.5

\\2-grams:
-0.4\t<s> a\t-0.2
-0.5\ta b\t-0.15
-0.6\tc </s>
-0.7\tb a\t-0.1
-0.8\tc a
-0.9\ta a\t-0.05
-0.95\tb b
-1.2\tc c\t-0.4

\\3-grams:
-0.2\t<s> a b
-0.3\ta b c

\\end\\
"""


def count_ngrams(order):
    counts = [collections.Counter() for _ in range(order + 1)]
    for sentence in SENTENCES:
        words = ["<s>", *sentence.split(), "</s>"]
        for n in range(1, order + 1):
            for i in range(len(words) - n + 1):
                counts[n][tuple(words[i:i + n])] += 1
    del counts[1][("<s>",)]
    return counts


def estimate(order):
    """The model as ARPA text."""
    counts = count_ngrams(order)
    total = sum(counts[1].values())
    share = DISCOUNT * len(counts[1]) / total / (len(counts[1]) + 1)
    probabilities = {gram: (count - DISCOUNT) / total + share for gram, count in counts[1].items()}
    probabilities[("<unk>",)] = share
    back_offs = {}
    for n in range(2, order + 1):
        behind = collections.defaultdict(list)
        for gram, count in counts[n].items():
            behind[gram[:-1]].append(count)
        back_offs |= {context: DISCOUNT * len(found) / sum(found) for context, found in behind.items()}
        for gram, count in counts[n].items():
            context = gram[:-1]
            probabilities[gram] = (
                (count - DISCOUNT) / sum(behind[context]) + back_offs[context] * probabilities[gram[1:]])
    return to_arpa(order, probabilities, back_offs)


def to_arpa(order, probabilities, back_offs):
    sections = [sorted(gram for gram in probabilities if len(gram) == n) for n in range(1, order + 1)]
    sections[0].insert(0, ("<s>",))
    lines = ["\\data\\", *(f"ngram {n}={len(grams)}" for n, grams in enumerate(sections, 1))]
    for n, grams in enumerate(sections, 1):
        lines += ["", f"\\{n}-grams:"]
        for gram in grams:
            log = -99.0 if gram == ("<s>",) else math.log10(probabilities[gram])
            back_off = f"\t{math.log10(back_offs[gram]):.6f}" if gram in back_offs else ""
            lines.append(f"{log:.6f}\t{' '.join(gram)}{back_off}")
    return "\n".join([*lines, "", "\\end\\", ""])


def lm_case(name, arpa, sentences):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "lm.arpa"
        path.write_text(arpa)
        model = kenlm.Model(str(path))
        scored = [{"text": text, "scores": [score for score, _, _ in model.full_scores(text)]} for text in sentences]
    return {"name": name, "order": model.order, "arpa": arpa, "sentences": scored}


def lm_golden():
    cases = [lm_case(f"order {order}", estimate(order), SENTENCES[:5] + HELD_OUT) for order in (2, 3, 5)]
    cases.append(lm_case("pruned, no <unk>", PRUNED, ["a b c", "b c", "a b a b c", "a zebra b c", "c c"]))
    return {"made_by": f"tools/make_decode_golden.py, {KENLM}", "training": SENTENCES, "cases": cases}


VOCABULARY = ["<pad>", "<s>", "</s>", "<unk>", "|", "a", "b", "c", "'"]


def random_path(rng):
    path = []
    while len(path) < 60:
        token = rng.choice([0, 0, 4, 4, 5, 6, 7, 8])
        path += [token] * rng.randint(1, 3)
    return path


def word_golden():
    rng = random.Random(1314)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "vocab.json"
        path.write_text(json.dumps({token: i for i, token in enumerate(VOCABULARY)}))
        tokenizer = transformers.Wav2Vec2CTCTokenizer(str(path))
    cases = []
    for _ in range(10):
        frames = random_path(rng)
        words = tokenizer.decode(frames, output_word_offsets=True).word_offsets
        cases.append({"frames": frames, "words": [[w["word"], int(w["start_offset"]), int(w["end_offset"])] for w in words]})
    made_by = f"tools/make_decode_golden.py, transformers {transformers.__version__}"
    return {"made_by": made_by, "tokens": VOCABULARY, "cases": cases}


def write(name, golden):
    OUTPUT.mkdir(exist_ok=True)
    (OUTPUT / name).write_text(json.dumps(golden, ensure_ascii=False) + "\n")


def main():
    write("arpa_lm.json", lm_golden())
    write("words_of.json", word_golden())


if __name__ == "__main__":
    main()
