"""The recordings of a data folder, and which of them pre-training must not hear."""

from fnmatch import fnmatch
from pathlib import Path

HELD_OUT = Path(__file__).with_name("held_out.txt")


def find_recordings(data: Path) -> list[Path]:
    """All of them, relative to `data`, sorted."""
    return sorted(path.relative_to(data) for path in data.rglob("*.flac"))


def held_out(recordings: list[Path]) -> set[Path]:
    """Those that HELD_OUT keeps out of pre-training; each of its patterns must match something."""
    lines = map(str.strip, HELD_OUT.read_text().splitlines())
    kept_out = set()
    for pattern in (line for line in lines if line and not line.startswith("#")):
        matching = {path for path in recordings if fnmatch(str(path), pattern)}
        if not matching:
            raise SystemExit(f"{HELD_OUT}: no recording matches {pattern}")
        kept_out |= matching
    return kept_out
