#!/usr/bin/env python3
"""Lays out a folder of speech for `sure pretrain`: recordings, and synthetic speech by espeak-ng and flite.

    scripts/setup.sh corpus
    .venv/bin/python scripts/make_pretrain_corpus.py output/corpus --hours 30

It makes
    real/COPY/…                   links to the recordings of --data that pre-training may hear
    recognised/…                  what pocketsphinx takes the English ones of --data for
    synthetic/SEED-SHARD/*.flac   16 kHz mono, six minutes a shard
    clips.tsv                     path, speaker, text and phones (ARPAbet:end in seconds) of each clip, where known
    held_out.txt                  the recordings kept out, below --data (scripts/held_out.txt says which)

The synthetic speech is the same whenever the seed and the synthesisers' versions are. A run that was killed leaves
nothing broken: the same command goes on, and one with more hours adds to what is there.
"""

import argparse
import csv
import hashlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import Pool
from pathlib import Path
from random import Random

import soundfile
from corpus_labels import recognise_all
from corpus_texts import DIGITS, Texts
from corpus_voices import RATE, Espeak, Flite
from recordings import find_recordings, held_out

SHARD_SECONDS = 360
CLIPS_A_PART = 200
ENGINES = (Espeak, Espeak, Flite)  # taken in turn, shard by shard
COLUMNS = ["path", "speaker", "text", "phones"]


def write_table(path: Path, rows: list[dict]):
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter="\t", restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_table(path: Path) -> list[dict]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def phones_field(phones: list[tuple[str, float]]) -> str:
    return " ".join(f"{symbol}:{end:.3f}" for symbol, end in phones)


def describe(recording: Path) -> dict:
    """Speaker and text of a single word."""
    corpus, word = recording.parts[0], recording.stem.split("_")
    if corpus == "fsdd":
        return {"speaker": word[1], "text": DIGITS[int(word[0])]}
    if corpus.startswith("speech_commands"):
        return {"speaker": word[0], "text": recording.parent.name}
    return {}


def link_recordings(data: Path, out: Path, copies: int) -> list[dict]:
    """Links what may be heard; returns the rows."""
    recordings = find_recordings(data)
    kept_out = held_out(recordings)
    (out / "held_out.txt").write_text("".join(f"{path}\n" for path in sorted(kept_out)))
    shutil.rmtree(out / "real", ignore_errors=True)
    heard = [path for path in recordings if path not in kept_out]
    for copy in range(copies):
        for path in heard:
            link = out / "real" / str(copy) / path
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to((data / path).resolve())
    hours = sum(soundfile.info(data / path).duration for path in heard) / 3600
    print(f"real: {len(heard)} recordings, {hours:.2f} h, {copies} times; {len(kept_out)} kept out")
    return [{"path": Path("real", str(copy), path), **describe(path)} for copy in range(copies) for path in heard]


@contextmanager
def once_whole(folder: Path) -> Iterator[Path]:
    """An empty folder to fill, which takes the name of `folder` only then."""
    partial = folder.with_suffix(".part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    yield partial
    partial.rename(folder)


def speak_shard(job: tuple[Path, int, Path]):
    folder, index, data = job
    random = Random(folder.name)
    texts, engine = Texts(data), ENGINES[index % len(ENGINES)]()
    with once_whole(folder) as partial:
        rows, seconds = [], 0.0
        while seconds < SHARD_SECONDS:
            text = texts.draw(random)
            utterance = engine.speak(text, random)
            name = f"{len(rows):04}.flac"
            soundfile.write(partial / name, utterance.samples, RATE, subtype="PCM_16")
            path = Path(folder.parent.name, folder.name, name)
            phones = phones_field(utterance.phones)
            rows.append({"path": path, "speaker": utterance.speaker, "text": text, "phones": phones})
            seconds += len(utterance.samples) / RATE
        write_table(partial / "clips.tsv", rows)


def spread(work: Callable, jobs: list, processes: int, unit: str):
    """A fresh process for each job: see Espeak. An interrupt is for the parent alone."""
    begin = time.monotonic()
    with Pool(processes, signal.signal, (signal.SIGINT, signal.SIG_IGN), maxtasksperchild=1) as pool:
        for done, _ in enumerate(pool.imap_unordered(work, jobs), 1):
            left = (time.monotonic() - begin) / done * (len(jobs) - done)
            progress = f"  {done}/{len(jobs)} {unit}, {left / 60:.1f} min left"
            print(progress, end="\r" if sys.stdout.isatty() and left else "\n", flush=True)


def speak(out: Path, data: Path, hours: float, seed: int, processes: int) -> list[dict]:
    shards = [out / "synthetic" / f"{seed}-{index:04}" for index in range(round(hours * 3600 / SHARD_SECONDS))]
    missing = [(shard, index, data) for index, shard in enumerate(shards) if not shard.is_dir()]
    print(f"synthetic: {len(shards)} shards of {SHARD_SECONDS / 60:.0f} min, {len(missing)} to make")
    spread(speak_shard, missing, processes, "shards")
    return [row for shard in shards for row in read_table(shard / "clips.tsv")]


def recognise_part(job: tuple[Path, Path, list[Path]]):
    folder, out, clips = job
    with once_whole(folder) as partial:
        heard = recognise_all(out / path for path in clips)
        rows = [
            {"path": path.relative_to(out), "phones": phones_field(said.phones), "text": said.text} for path, said in heard
        ]
        write_table(partial / "clips.tsv", rows)


def name_of(clips: list[Path]) -> str:
    """Another one when other clips are asked for."""
    return hashlib.sha256("\n".join(map(str, clips)).encode()).hexdigest()[:12]


def recognise(rows: list[dict], out: Path, processes: int):
    """Adds the phones, and where it is not known the text, to the rows of --data's English recordings."""
    clips = [row["path"] for row in rows if row["path"].parts[1] == "0" and row["path"].parts[2] != "emodb"]
    groups = [clips[start : start + CLIPS_A_PART] for start in range(0, len(clips), CLIPS_A_PART)]
    parts = [(out / "recognised" / name_of(group), out, group) for group in groups]
    missing = [part for part in parts if not part[0].is_dir()]
    print(f"recognised: {len(parts)} parts of {CLIPS_A_PART} English recordings, {len(missing)} to go through")
    spread(recognise_part, missing, processes, "parts")
    heard = {row["path"]: row for folder, _, _ in parts for row in read_table(folder / "clips.tsv")}
    for row in rows:
        first_copy = Path("real", "0", *row["path"].parts[2:])
        if said := heard.get(str(first_copy)):
            row |= {"phones": said["phones"], "text": row.get("text") or said["text"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, default="../shared/data", help="recordings and texts [%(default)s]")
    parser.add_argument("--hours", type=float, default=30, help="of synthetic speech [%(default)s]")
    parser.add_argument("--real_copies", type=int, default=5, help="weight of the recordings [%(default)s]")
    parser.add_argument("--recognise", action="store_true", help="tell phones of --data's English by pocketsphinx")
    parser.add_argument("--seed", type=int, default=1, help="of the synthetic speech [%(default)s]")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes [%(default)s]")
    options = parser.parse_args()
    for program in ("espeak-ng", "flite"):
        if shutil.which(program) is None:
            sys.exit(f"{program} is missing: scripts/setup.sh corpus installs it")

    options.out.mkdir(parents=True, exist_ok=True)
    rows = link_recordings(options.data, options.out, options.real_copies)
    if options.recognise:
        recognise(rows, options.out, options.jobs)
    rows += speak(options.out, options.data, options.hours, options.seed, options.jobs)
    write_table(options.out / "clips.tsv", rows)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nstopped: the same command goes on")
    except RuntimeError as error:
        sys.exit(str(error))
