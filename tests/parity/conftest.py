"""The probe, and the comparison that runs it."""

from functools import partial

import pytest
import torch

from parity.comparison import Probe, run_pair
from parity.speech import SpeechProbe
from programs import program

torch.set_num_threads(1)  # the models are tiny: more threads only wait for each other


@pytest.fixture(scope="session")
def probe(tmp_path_factory):
    probe = Probe(program("SURE_PARITY_PROBE", "tests/parity_probe"), tmp_path_factory.mktemp("probe"))
    yield probe
    probe.close()


@pytest.fixture(scope="session")
def speech(tmp_path_factory):
    probe = SpeechProbe(program("SURE_SPEECH_PROBE", "tests/speech_probe"), tmp_path_factory.mktemp("speech"))
    yield probe
    probe.close()


@pytest.fixture(scope="session")
def compare(probe):
    """compare(tiny model, method, …): a Pair, run with the same weights on the same batch."""
    return partial(run_pair, probe)
