"""Aligned phones of English recordings without their transcripts: what pocketsphinx takes them for."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import soundfile
from corpus_voices import RATE, resample

FRAMES_PER_SECOND = 100
SILENCE = "SIL"


class Heard(NamedTuple):
    text: str
    phones: list[tuple[str, float]]  # ARPAbet symbol, its end in seconds


def plain(name: str) -> str:
    """Without stress; sentence marks, breaths and noises are silence."""
    return SILENCE if name in ("<s>", "</s>") or name.startswith("+") else re.sub(r"\d", "", name)


def listen(decoder, sound: bytes):
    decoder.start_utt()
    decoder.process_raw(sound, full_utt=True)
    decoder.end_utt()


def recognise(decoder, path: Path) -> Heard | None:
    """Words by the trigram model, then their phones by alignment; None where nothing is understood."""
    samples, rate = soundfile.read(path)
    samples = resample(samples, round(len(samples) * RATE / rate))
    sound = (32767 * samples.clip(-1, 1)).astype("int16").tobytes()
    decoder.activate_search()
    listen(decoder, sound)
    words = decoder.hyp()
    if words is None or not words.hypstr:
        return None
    text = words.hypstr
    decoder.set_alignment()
    listen(decoder, sound)
    phones = [phone for word in decoder.get_alignment() for phone in word]
    return Heard(text, [(plain(phone.name), (phone.start + phone.duration) / FRAMES_PER_SECOND) for phone in phones])


def recognise_all(paths: Iterable[Path]) -> Iterator[tuple[Path, Heard]]:
    from pocketsphinx import Decoder  # only here: a corpus without labelled recordings does without it

    decoder = Decoder(loglevel="FATAL", maxhmmpf=6000)
    for path in paths:
        if heard := recognise(decoder, path):
            yield path, heard
