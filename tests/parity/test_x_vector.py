"""The x-vector head and its AM-softmax loss beside transformers' Wav2Vec2ForXVector."""

import pytest
import torch
from torch.nn.functional import normalize

from parity.comparison import HIDDEN_TOLERANCE, check_gradients, make_batch, relative_difference
from tiny_models import load_x_vector

RAGGED = (4000, 2710, 1333)
METHODS = {"finetune": {"freeze_front_end": True}, "conv_adapter": {"squeeze_reduction": 4}}


@pytest.fixture
def compare_voices(compare):
    def run(tiny, method="conv_adapter", **job):
        model = load_x_vector(tiny)
        return compare(tiny, method, places=METHODS[method], model=model, task="verification", **job)

    return run


def cosines(pair):
    """transformers gives what its loss starts from."""
    weight = pair.reference.trained["head.objective.weight"]
    return (normalize(pair.output.logits, dim=1) @ normalize(weight, dim=0)).detach()


def check_voices(pair):
    assert relative_difference(pair.ours["embedding"], pair.output.embeddings.detach()) <= HIDDEN_TOLERANCE
    assert relative_difference(pair.ours["logits"], cosines(pair)) <= HIDDEN_TOLERANCE
    assert pair.ours["loss"].item() == pytest.approx(pair.output.loss.item(), rel=HIDDEN_TOLERANCE)
    check_gradients(pair)


@pytest.mark.parametrize("shape", ["wav2vec2_base", "wav2vec2_xlsr", "wavlm_large"])
@pytest.mark.parametrize("method", METHODS)
def test_voices(compare_voices, tiny_model, shape, method):
    check_voices(compare_voices(tiny_model(shape), method))


def test_weighted_sum_of_layers(compare_voices, tiny_model):
    tiny = tiny_model("wav2vec2_xlsr", use_weighted_layer_sum=True)
    check_voices(compare_voices(tiny, head={"use_weighted_layer_sum": True}))


def test_padded_batch_without_dilation(compare_voices, tiny_model):
    tiny = tiny_model("wav2vec2_xlsr", tdnn_dilation=(1, 1, 1))
    check_voices(compare_voices(tiny, batch=make_batch(RAGGED)))


def test_padded_batch_equals_single_clips(compare_voices, tiny_model):
    """With dilation transformers counts frames of a padded clip that see padding, so it gets each clip alone."""
    pair = compare_voices(tiny_model("wav2vec2_xlsr"), batch=make_batch(RAGGED))
    for i, length in enumerate(RAGGED):
        with torch.no_grad():
            alone = pair.reference.forward(pair.batch.audio[i : i + 1, :length], lengths=torch.tensor([length]))
        assert relative_difference(pair.ours["embedding"][i : i + 1], alone.embeddings) <= HIDDEN_TOLERANCE
