"""What synthetic voices say: words, rows of words, numbers, and sentences, from the texts beside the recordings."""

import re
from pathlib import Path
from random import Random

DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]


def transcripts(data: Path) -> list[str]:
    """Sentences of SNIPS, LJ Speech, VCTK and LibriSpeech."""
    lines = []
    for path in sorted(data.glob("meta/snips_slotgated/data/snips/*/seq.in")):
        lines += path.read_text().splitlines()
    for path in sorted(data.glob("LJSpeech-*/metadata.csv")):
        lines += [line.split("|")[-1] for line in path.read_text().splitlines()]
    for path in sorted(data.glob("VCTK-Corpus/txt/*/*.txt")):
        lines.append(path.read_text())
    for path in sorted(data.glob("LibriSpeech/*/*/*/*.trans.txt")):
        lines += [line.partition(" ")[2].lower() for line in path.read_text().splitlines()]
    return [" ".join(line.split()) for line in lines if line.strip()]


class Texts:
    def __init__(self, data: Path):
        dictionary = (data / "meta/cmudict/cmudict-en-us.dict").read_text().splitlines()
        self.words = [word for word in (line.split()[0] for line in dictionary) if re.fullmatch("[a-z]{2,}", word)]
        self.commands = sorted(path.name for path in data.glob("speech_commands_*/*") if path.is_dir())
        self.sentences = transcripts(data)

    def draw(self, random: Random) -> str:
        # Words are short: by time, a fifth of the speech is single words, and more than a third sentences.
        kinds = [self.word, self.row, self.number, self.sentence]
        return random.choices(kinds, [5, 2, 1, 2])[0](random)

    def word(self, random: Random) -> str:
        return random.choice(random.choices([self.words, self.commands], [2, 1])[0])

    def row(self, random: Random) -> str:
        return ", ".join(self.word(random) for _ in range(random.randint(2, 6)))

    def number(self, random: Random) -> str:
        digits = " ".join(random.choice(DIGITS) for _ in range(random.randint(2, 6)))
        return random.choice([digits, str(random.randrange(10000))])

    def sentence(self, random: Random) -> str:
        return random.choice(self.sentences)
