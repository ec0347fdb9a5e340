"""Recorded speech that Debian packages carry: telephone prompts, words for children, an adventure with actors."""

import io
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy
import soundfile
from corpus_voices import RATE, resample

# Package: its files with speech.
PACKAGES = {
    "asterisk-core-sounds-en-wav": "*/[a-z][a-z]_*.wav",
    "asterisk-core-sounds-es-wav": "*/[a-z][a-z]_*.wav",
    "asterisk-core-sounds-fr-wav": "*/[a-z][a-z]_*.wav",
    "asterisk-core-sounds-it-wav": "*/[a-z][a-z]_*.wav",
    "asterisk-core-sounds-ru-wav": "*/[a-z][a-z]_*.wav",
    "asterisk-prompt-it-menardi-wav": "*/[a-z][a-z]_*.wav",
    "flight-of-the-amazon-queen": "*/queen.1c",
    "ktuberling-data": "*/sounds/*/*.[ow][ga][gv]",
    "tuxpaint-stamps-default": "*_desc*.ogg",
}
MIN_SECONDS = 0.2
MIN_LEVEL = 1e-3  # root mean square; some prompts are silence


def unpack(package: str, pattern: str, folder: Path) -> list[Path]:
    download = subprocess.run(["apt-get", "download", "-q", package], cwd=folder, capture_output=True, text=True)
    if download.returncode != 0:
        raise RuntimeError(f"apt-get download {package}: {download.stderr.strip()}; run apt-get update first?")
    (archive,) = folder.glob("*.deb")
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", archive], stdout=subprocess.PIPE) as files:
        subprocess.run(["tar", "-x", "-C", folder, "--wildcards", pattern], stdin=files.stdout, check=True)
    archive.unlink()
    return sorted(path for path in folder.rglob("*") if path.is_file())


def amazon_queen_lines(path: Path) -> Iterator[bytes]:
    """ScummVM's archive: a table of name, bundle, offset, size; the spoken lines (*.SB) are MP3."""
    archive = path.read_bytes()
    header, entry = struct.Struct(">4s6s2xBH"), struct.Struct(">12sBII")
    magic, _, compression, count = header.unpack_from(archive)
    if magic != b"QTBL" or compression != 1:
        raise RuntimeError(f"{path.name}: not the archive with MP3 that was expected")
    for name, _, offset, size in entry.iter_unpack(archive[header.size : header.size + entry.size * count]):
        if b".SB" in name:
            yield archive[offset : offset + size]


def spoken(path: Path) -> Iterator[bytes]:
    """The audio files that a file of a package is or holds."""
    if path.name == "queen.1c":
        yield from amazon_queen_lines(path)
    else:
        yield path.read_bytes()


def lay_out(package: str, out: Path) -> tuple[int, float]:
    """Fills the empty folder `out` with 16 kHz mono FLAC; returns the number of clips and their hours."""
    count, seconds = 0, 0.0
    with tempfile.TemporaryDirectory() as folder:
        for path in unpack(package, PACKAGES[package], Path(folder)):
            for encoded in spoken(path):
                samples, rate = soundfile.read(io.BytesIO(encoded), always_2d=True)
                samples = samples.mean(axis=1)
                if len(samples) < MIN_SECONDS * rate or numpy.sqrt(numpy.mean(samples**2)) < MIN_LEVEL:
                    continue
                samples = resample(samples, round(len(samples) * RATE / rate))
                soundfile.write(out / f"{count:05}.flac", samples, RATE, subtype="PCM_16")
                count += 1
                seconds += len(samples) / RATE
    return count, seconds / 3600
