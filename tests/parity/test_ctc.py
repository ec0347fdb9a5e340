"""The CTC head and its loss beside transformers' Wav2Vec2ForCTC and HubertForCTC."""

import pytest
import torch

from parity.comparison import (
    HIDDEN_TOLERANCE,
    check_gradients,
    check_hidden_states,
    check_loss_curve,
    make_batch,
    relative_difference,
)
from tiny_models import add_ctc_head

RAGGED = (4000, 2710, 1333)
TOKENS = ["<s>", "</s>", "<pad>", "<unk>", "|", "a", "e", "n", "o", "s", "t"]  # the blank is not number 0
METHODS = {"finetune": {"freeze_front_end": True}, "lora": {}, "conv_adapter": {"squeeze_reduction": 4}}


def transcripts(batch, lengths=(6, 3, 4)):
    """The batch with a row of letters for each clip, some of them doubled."""
    generator = torch.Generator().manual_seed(3)
    batch.labels = torch.full((len(lengths), max(lengths)), -100)
    for row, length in zip(batch.labels, lengths):
        row[:length] = torch.randint(4, len(TOKENS), (length,), generator=generator)
        row[1] = row[0]
    return batch


@pytest.fixture
def compare_ctc(compare):
    def run(tiny, method, batch, **job):
        model = add_ctc_head(tiny, TOKENS)
        return compare(tiny, method, places=METHODS[method], model=model, batch=batch, task="asr", labels=TOKENS, **job)

    return run


def check_ctc(pair):
    check_hidden_states(pair)
    valid = pair.reference.frame_mask
    valid = torch.ones(pair.output.logits.shape[:2], dtype=torch.bool) if valid is None else valid
    assert relative_difference(pair.ours["logits"][valid], pair.output.logits.detach()[valid]) <= HIDDEN_TOLERANCE
    assert pair.ours["loss"].item() == pytest.approx(pair.output.loss.item(), rel=HIDDEN_TOLERANCE)
    check_gradients(pair)


@pytest.mark.parametrize("shape", ["wav2vec2_base", "wav2vec2_xlsr", "hubert_large"])
@pytest.mark.parametrize("method", METHODS)
def test_padded_batch(compare_ctc, tiny_model, shape, method):
    check_ctc(compare_ctc(tiny_model(shape), method, transcripts(make_batch(RAGGED))))


def test_a_transcript_longer_than_its_clip_has_no_share(compare_ctc, tiny_model):
    """1333 samples make 16 frames; 20 tokens cannot be aligned with them."""
    batch = transcripts(make_batch(RAGGED), lengths=(6, 3, 20))
    pair = compare_ctc(tiny_model("wav2vec2_xlsr"), "finetune", batch)
    assert pair.output.loss.isfinite()
    check_ctc(pair)


@pytest.mark.parametrize("shape", ["wav2vec2_base", "wav2vec2_xlsr"])
@pytest.mark.parametrize("method", METHODS)
def test_loss_curve(compare_ctc, tiny_model, shape, method):
    options = {"learning_rate": 1e-3, "weight_decay": 0.01, "max_grad_norm": 1.0, "steps": 20}
    pair = compare_ctc(tiny_model(shape), method, transcripts(make_batch(RAGGED)), **options)
    check_loss_curve(pair, **options)
