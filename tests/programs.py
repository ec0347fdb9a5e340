"""Where the built programs are."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def program(variable, default):
    """A built program: named by an environment variable, else below build/."""
    path = Path(os.environ.get(variable, ROOT / "build" / default))
    if not path.is_file():
        pytest.exit(f"{path} is missing: run `make build`, or name the program in {variable}", returncode=2)
    return path
