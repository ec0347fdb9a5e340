"""Loss and gradients of everything that trains, and a loss curve, for every method."""

import pytest
import torch

from parity.adapters import Reference
from parity.comparison import check_gradients, check_hidden_states, check_logits, check_loss_curve, make_batch

RAGGED = (4000, 2710, 1333)

METHODS = {
    "head": ("head", {}),
    "finetune": ("finetune", {}),
    "finetune_frozen_front_end": ("finetune", {"freeze_front_end": True}),
    "finetune_frozen_layers": ("finetune", {"freeze_front_end": True, "freeze_layers": 2}),
    "lora": ("lora", {}),
    "ia3": ("ia3", {}),
    "bitfit": ("bitfit", {}),
    "bottleneck": ("bottleneck", {}),
    "bottleneck_attention": ("bottleneck", {"mh_adapter": True, "output_adapter": False}),
    "bottleneck_both": ("bottleneck", {"mh_adapter": True}),
    "prefix": ("prefix", {}),
    "prefix_projection": ("prefix", {"prefix_projection": True, "prefix_seq_len": 7}),
    # More units of squeeze-and-excitation than 48 / 16, so that not all of them are switched off by chance.
    "conv_adapter": ("conv_adapter", {"squeeze_reduction": 4}),
    "conv_adapter_both": ("conv_adapter", {"squeeze_reduction": 4, "mh_adapter": True}),
    "conv_adapter_front_end": ("conv_adapter", {"squeeze_reduction": 4, "feat_enc_adapter": True}),
}


@pytest.mark.parametrize("shape", ["wav2vec2_base", "wav2vec2_xlsr", "wavlm_base"])
@pytest.mark.parametrize("name", METHODS)
def test_gradients(compare, tiny_model, shape, name):
    method, places = METHODS[name]
    pair = compare(tiny_model(shape), method, places=places)
    check_hidden_states(pair)
    check_logits(pair)
    check_gradients(pair)


@pytest.mark.parametrize("shape", ["wav2vec2_xlsr", "wavlm_large"])
@pytest.mark.parametrize("name", ["finetune", "lora", "bottleneck", "prefix", "conv_adapter"])
def test_gradients_of_a_padded_batch_with_mask(compare, tiny_model, shape, name):
    method, places = METHODS[name]
    pair = compare(tiny_model(shape), method, places=places, batch=make_batch(RAGGED))
    check_hidden_states(pair)
    check_logits(pair)
    check_gradients(pair)


@pytest.mark.parametrize("shape", ["wav2vec2_mms", "hubert_no_projection_norm", "hubert_batch_norm", "data2vec"])
def test_gradients_of_every_tensor(compare, tiny_model, shape):
    check_gradients(compare(tiny_model(shape)))


@pytest.mark.parametrize("shape", ["hubert_base", "hubert_large"])
@pytest.mark.parametrize("method", ["finetune", "conv_adapter"])
def test_weighted_sum_of_layers(compare, tiny_model, shape, method):
    tiny = tiny_model(shape, use_weighted_layer_sum=True)
    pair = compare(tiny, method, batch=make_batch(RAGGED), head={"use_weighted_layer_sum": True})
    check_logits(pair)
    check_gradients(pair)


@pytest.mark.parametrize("shape", ["wav2vec2_xlsr", "wavlm_large"])
@pytest.mark.parametrize("name", ["finetune", "lora", "bottleneck", "prefix", "prefix_projection", "conv_adapter"])
def test_gradient_checkpointing_changes_nothing(probe, tiny_model, shape, name):
    method, places = METHODS[name]
    tiny = tiny_model(shape)
    batch = make_batch(RAGGED)
    reference = Reference(tiny.load(), method, **places).randomise()
    job = {"method": method, "places": places, "initial": reference.trained}
    plain = probe.run(tiny.path, batch, **job)
    recomputed = probe.run(tiny.path, batch, options={"gradient_checkpointing": True}, **job)
    assert plain.keys() == recomputed.keys()
    for key, value in plain.items():
        torch.testing.assert_close(recomputed[key], value, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("shape", ["wav2vec2_base", "wav2vec2_xlsr", "wavlm_base"])
@pytest.mark.parametrize("name", ["finetune", "lora", "ia3", "bitfit", "bottleneck", "prefix", "conv_adapter"])
def test_loss_curve(compare, tiny_model, shape, name):
    """AdamW with weight decay on matrices and kernels, gradients clipped to norm 1."""
    method, places = METHODS[name]
    options = {"learning_rate": 1e-3, "weight_decay": 0.01, "max_grad_norm": 1.0, "steps": 20}
    check_loss_curve(compare(tiny_model(shape), method, places=places, **options), **options)
