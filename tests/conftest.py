"""What every Python test needs: the built programs, the real recordings, small models with random weights."""

import os
import subprocess
from pathlib import Path

import pytest

from programs import ROOT, program
from tiny_models import TinyModel, make_tiny_model


@pytest.fixture(scope="session")
def sure_path() -> Path:
    return program("SURE", "sure")


@pytest.fixture(scope="session")
def sure(sure_path):
    """Runs `sure ARGS…` and returns the finished process; a failure fails the test, with what sure printed."""

    def run(*args, **options):
        command = [str(sure_path), *map(str, args)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, **options)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
        return done

    return run


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real recordings, which may be absent."""
    folder = Path(os.environ.get("SURE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real recordings: {folder} is missing (SURE_SHARED_DATA names another folder)")
    return folder


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory):
    """tiny_model(shape, **config): a TinyModel of a shape of tiny_models.SHAPES, made once for the same arguments."""
    made: dict[tuple, TinyModel] = {}

    def get(shape, **config):
        key = (shape, *sorted(config.items()))
        if key not in made:
            made[key] = make_tiny_model(shape, tmp_path_factory.mktemp(shape), **config)
        return made[key]

    return get
