"""SpeechT5 for text to speech against transformers: what it says of known speech, loss, gradients, training, new speech;
its characters against SentencePiece."""

import numpy as np
import pytest
import sentencepiece
import torch
from transformers import SpeechT5Tokenizer
from transformers.models.speecht5.modeling_speecht5 import SpeechT5SpeechDecoderPrenet

from parity.comparison import COSINE, cosine, relative_difference
from tiny_models import make_tiny_speecht5

TOLERANCE = 1e-4
SEED = 11


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("speecht5")
    return folder, make_tiny_speecht5(folder)


def known_speech(seed=0):
    """Two texts and their speech; the second is shorter in both."""
    generator = torch.Generator().manual_seed(seed)
    ids = torch.randint(4, 70, (2, 13), generator=generator)
    mask = torch.ones(2, 13, dtype=torch.long)
    ids[1, 9:], mask[1, 9:] = 1, 0
    labels = torch.randn(2, 24, 80, generator=generator) - 2
    labels[1, 18:] = -100.0
    return {"ids": ids, "mask": mask, "labels": labels, "speaker": torch.randn(2, 16, generator=generator)}


def say(model, speech, **options):
    torch.manual_seed(SEED)  # of the dropout that is always on
    return model(
        input_ids=speech["ids"],
        attention_mask=speech["mask"],
        labels=speech["labels"],
        speaker_embeddings=speech.get("speaker"),
        output_attentions=True,
        output_hidden_states=True,
        **options,
    )


def check_said(ours, model, output):
    real = torch.arange(13)[None] < torch.tensor([13, 9])[:, None]
    assert relative_difference(ours["encoded"][real], output.encoder_last_hidden_state[real].detach()) <= TOLERANCE
    hidden = output.decoder_hidden_states[-1].detach()
    assert relative_difference(ours["hidden"], hidden) <= TOLERANCE
    before, after, stop = model.speech_decoder_postnet(hidden)
    assert relative_difference(ours["before"], before.detach()) <= TOLERANCE
    assert relative_difference(ours["after"], after.detach()) <= TOLERANCE
    assert relative_difference(ours["after"], output.spectrogram.detach()) <= TOLERANCE
    assert relative_difference(ours["stop"], stop.detach()) <= TOLERANCE
    assert ours["loss"].item() == pytest.approx(output.loss.item(), rel=TOLERANCE)


@pytest.mark.parametrize("speaker", [True, False], ids=["speaker", "no_speaker"])
def test_known_speech_and_gradients(speech, tiny, speaker):
    folder, model = tiny
    known = known_speech()
    if not speaker:
        del known["speaker"]
    ours = speech.run("speecht5", known, path=str(folder), seed=SEED)
    model.zero_grad()
    output = say(model, known)
    check_said(ours, model, output)
    output.loss.backward()
    theirs = {name: value.grad for name, value in model.named_parameters() if value.grad is not None}
    found = {name.removeprefix("grad."): value for name, value in ours.items() if name.startswith("grad.")}
    assert found.keys() == theirs.keys()
    whole = torch.cat([theirs[name].flatten() for name in theirs])
    assert cosine(torch.cat([found[name].flatten() for name in theirs]), whole) >= COSINE
    for name, gradient in theirs.items():
        if gradient.norm() > 1e-6 * whole.norm():
            assert cosine(found[name], gradient) >= COSINE, name


SHAPES = [dict(reduction_factor=1), dict(reduction_factor=3), dict(use_guided_attention_loss=False)]


@pytest.mark.parametrize("config", SHAPES)
def test_other_shapes(speech, tmp_path, config):
    model = make_tiny_speecht5(tmp_path, **config)
    known = known_speech()
    check_said(speech.run("speecht5", known, path=str(tmp_path), seed=SEED), model, say(model, known))


def test_training_goes_the_same_way(speech, tmp_path):
    """20 steps of AdamW; batch norms keep their statistics in both."""
    model = make_tiny_speecht5(tmp_path)
    known = known_speech()
    ours = speech.run("speecht5", known, path=str(tmp_path), seed=SEED, steps=20, learning_rate=3e-3)["curve"]
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.0)
    theirs = []
    for _ in range(20):
        optimiser.zero_grad()
        loss = say(model, known).loss
        theirs.append(loss.item())
        loss.backward()
        optimiser.step()
    assert theirs[-1] < 0.8 * theirs[0], "the curve must move to mean anything"
    torch.testing.assert_close(ours, torch.tensor(theirs), rtol=2e-3, atol=1e-4)


def thresholds(model, ids, speaker):
    """One that ends the speech after some steps, and one that never does."""
    ends = []
    prob_out = model.speech_decoder_postnet.prob_out
    hook = prob_out.register_forward_hook(lambda module, inputs, output: ends.append(output.sigmoid().sum().item()))
    model.generate_speech(ids, speaker, threshold=9.0)
    hook.remove()
    step = next(t for t in range(3, len(ends)) if ends[t] > max(ends[:t]) + 1e-3)
    return {True: (ends[step] + max(ends[:step])) / 2, False: 9.0}


@pytest.mark.parametrize("ends", [True, False], ids=["ends", "is_cut"])
def test_new_speech(speech, tmp_path, monkeypatch, ends):
    """Without the dropout that is always on, which differs in what it draws."""
    model = make_tiny_speecht5(tmp_path)
    model.config.speech_decoder_prenet_dropout = 0.0
    with torch.no_grad():
        model.speech_decoder_postnet.prob_out.weight.mul_(-4.0)  # so that the end grows likelier
    model.save_pretrained(tmp_path)
    monkeypatch.setattr(SpeechT5SpeechDecoderPrenet, "_consistent_dropout", lambda self, x, p: x)
    known = known_speech()
    ids, speaker = known["ids"][:1], known["speaker"][:1]
    threshold = thresholds(model, ids, speaker)[ends]
    theirs = model.generate_speech(ids, speaker, threshold=threshold)
    ours = speech.run("speak", {"ids": ids[0], "speaker": speaker[0]}, path=str(tmp_path), threshold=threshold)
    assert bool(ours["ended"].item()) == ends
    assert ours["mel"].shape == theirs.shape and len(theirs) > 4
    assert relative_difference(ours["mel"], theirs) <= TOLERANCE


TEXTS = ["The quick brown fox.", "  two  spaces ", "Don't! OK?", "naïve 12 €", "", "ﬁne “quotes”"]


def test_characters_are_sentencepieces(speech, tiny):
    folder, _ = tiny
    reference = sentencepiece.SentencePieceProcessor(model_file=str(folder / "spm_char.model"))
    tokenizer = SpeechT5Tokenizer(str(folder / "spm_char.model"))
    for text in TEXTS:
        ours = speech.run("pieces", {"unused": torch.zeros(1)}, path=str(folder / "spm_char.model"), text=text)["ids"]
        assert ours.tolist() == reference.encode(text), text
        if "€" not in text:
            assert [*ours.tolist(), 2] == tokenizer(text).input_ids, text


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("shape", [(16,), (1, 16)])
def test_speakers_of_numpy(speech, tmp_path, dtype, shape):
    voice = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    np.save(tmp_path / "voice.npy", voice)
    unused = {"unused": torch.zeros(1)}
    found = speech.run("read_speaker", unused, path=str(tmp_path / "voice.npy"), width=16)["speaker"]
    torch.testing.assert_close(found, torch.from_numpy(voice.astype("float32").reshape(16)))
