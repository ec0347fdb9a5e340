"""Hidden states of every layer, logits and loss against transformers, for every shape of backbone."""

import pytest
import torch

from parity.adapters import Reference
from parity.comparison import HIDDEN_TOLERANCE, check_hidden_states, check_logits, make_batch, relative_difference
from tiny_models import SHAPES

RAGGED = (4000, 2710, 1333)


@pytest.mark.parametrize("shape", SHAPES)
def test_clips_of_one_length(compare, tiny_model, shape):
    pair = compare(tiny_model(shape))
    check_hidden_states(pair)
    check_logits(pair)


@pytest.mark.parametrize("attention_mask", [True, False], ids=["mask", "no_mask"])
@pytest.mark.parametrize("shape", SHAPES)
def test_padded_batch(compare, tiny_model, shape, attention_mask):
    pair = compare(tiny_model(shape, attention_mask=attention_mask), batch=make_batch(RAGGED))
    check_hidden_states(pair)
    check_logits(pair)


@pytest.mark.parametrize("shape", ["wav2vec2_base", "wav2vec2_xlsr", "hubert_batch_norm", "wavlm_base", "data2vec"])
@pytest.mark.parametrize("method", ["finetune", "bottleneck", "prefix", "lora", "conv_adapter"])
def test_exact_padding_equals_single_clips(probe, tiny_model, shape, method):
    tiny = tiny_model(shape)
    batch = make_batch(RAGGED)
    reference = Reference(tiny.load(), method).randomise()
    ours = probe.run(tiny.path, batch, method=method, initial=reference.trained, options={"padding": "exact"})
    for index, length in enumerate(RAGGED):
        with torch.no_grad():
            theirs = reference.forward(batch.audio[index : index + 1, :length])
        assert relative_difference(ours["logits"][index], theirs.logits[0]) <= HIDDEN_TOLERANCE
        for layer, states in enumerate(theirs.hidden_states):
            valid = ours[f"hidden.{layer}"][index, : states.shape[1]]
            assert relative_difference(valid, states[0]) <= HIDDEN_TOLERANCE


@pytest.mark.parametrize("shape", ["wav2vec2_base", "wav2vec2_xlsr", "wavlm_base", "wavlm_large"])
def test_bfloat16_stays_near(compare, tiny_model, shape):
    pair = compare(tiny_model(shape, attention_mask=True), "lora", batch=make_batch(RAGGED), options={"bf16": True})
    check_hidden_states(pair, tolerance=0.05)
    check_logits(pair, tolerance=0.05)
