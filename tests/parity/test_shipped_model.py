"""models/sure-tiny: transformers loads every tensor of it, and computes what the program does."""

import torch
from transformers import AutoFeatureExtractor, HubertModel

from parity.comparison import HIDDEN_TOLERANCE, hidden_states_of, make_batch, relative_difference
from programs import ROOT

MODEL = ROOT / "models" / "sure-tiny"
LENGTHS = (16000, 9000)


def test_transformers_loads_every_tensor():
    model, loading = HubertModel.from_pretrained(MODEL, output_loading_info=True)
    assert not any(loading[problem] for problem in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    assert 3e6 <= model.num_parameters() <= 8e6
    assert (MODEL / "model.safetensors").stat().st_size <= 14e6
    assert AutoFeatureExtractor.from_pretrained(MODEL).return_attention_mask


def test_hidden_states(probe):
    batch = make_batch(LENGTHS)
    ours = probe.run(MODEL, batch)
    mask = torch.arange(max(LENGTHS)) < batch.lengths[:, None]
    model = HubertModel.from_pretrained(MODEL, dtype=torch.float32).eval()
    with torch.no_grad():
        theirs = model(batch.audio, attention_mask=mask.long(), output_hidden_states=True)
    for layer, states in enumerate(hidden_states_of(theirs)):
        assert relative_difference(ours[f"hidden.{layer}"], states) <= HIDDEN_TOLERANCE
