"""FastSpeech 2 against plain PyTorch: what it says of known speech, loss, gradients, training, new speech; its alignment
against scipy's beta-binomial, torch's CTC and a plain search."""

import pytest
import torch

from parity.comparison import COSINE, cosine, relative_difference
from parity.fastspeech2 import FastSpeech2, best_alignment, contour, forward_sum, prior

TOLERANCE = 1e-4
SIZES = [(7, 31), (4, 18), (5, 23)]  # symbols and frames


def known_speech(seed=0):
    generator = torch.Generator().manual_seed(seed)
    clips = []
    for symbols, frames in SIZES:
        hertz = 60 + 200 * torch.rand(frames, generator=generator)
        hertz[2 : 5 + symbols] = 0
        clips.append(
            {
                "ids": torch.randint(1, 20, (symbols,), generator=generator),
                "speaker": torch.randn(6, generator=generator),
                "mel": torch.randn(frames, 8, generator=generator) - 2,
                "hertz": hertz,
                "energy": 8 * torch.rand(frames, generator=generator),
            }
        )
    return clips


def batch_of(clips):
    """With padding that must not be looked at."""
    batch = {"speaker": torch.stack([clip["speaker"] for clip in clips])}
    for name, filler in {"ids": 0, "mel": 7.0, "hertz": 99.0, "energy": 5.0}.items():
        rows = [clip[name] for clip in clips]
        batch[name] = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=filler)
    batch["symbols"] = torch.tensor([len(clip["ids"]) for clip in clips])
    batch["frames"] = torch.tensor([len(clip["mel"]) for clip in clips])
    return batch


def make(folder, seed=0, **config):
    torch.manual_seed(seed)
    model = FastSpeech2(**config)
    for layer in model.postnet["layers"]:
        layer["batch_norm"].running_mean.normal_()
        layer["batch_norm"].running_var.uniform_(0.5, 2)
    model.save(folder)
    return model.eval()


def padded(said, name):
    return torch.nn.utils.rnn.pad_sequence([one[name].detach() for one in said], batch_first=True)


SAID = ["before", "after", "log_durations", "parts", "unvoiced", "energy", "known_energy"]


@pytest.mark.parametrize("learned", [False, True], ids=["kept", "learned"])
@pytest.mark.parametrize("step", [0, 150, 250], ids=["soft", "hard", "binarised"])
def test_known_speech_and_gradients(speech, tmp_path, step, learned):
    model = make(tmp_path).train(learned)
    clips = known_speech()
    ours = speech.run("fastspeech2", batch_of(clips), path=str(tmp_path), step=step, learned=learned)
    said, loss = model(clips, step)
    loss.backward()
    assert torch.equal(ours["durations"], padded(said, "durations"))
    assert relative_difference(ours["statistics"], padded(said, "statistics")) <= TOLERANCE
    for name in SAID:
        assert relative_difference(ours[name], padded(said, name)) <= TOLERANCE, name
    for row, one in enumerate(said):
        frames, symbols = one["soft"].shape
        assert relative_difference(ours["soft"][row, :frames, :symbols], one["soft"].detach()) <= TOLERANCE
    assert ours["loss"].item() == pytest.approx(loss.item(), rel=TOLERANCE)
    check_gradients(ours, model)
    for name, value in model.state_dict().items():
        if "running" in name:
            torch.testing.assert_close(ours[f"running.{name}"], value, rtol=1e-4, atol=1e-5)


def check_gradients(ours, model):
    theirs = {name: value.grad for name, value in model.named_parameters() if value.grad is not None}
    found = {name.removeprefix("grad."): value for name, value in ours.items() if name.startswith("grad.")}
    assert found.keys() == theirs.keys()
    whole = torch.cat([theirs[name].flatten() for name in theirs])
    assert relative_difference(torch.cat([found[name].flatten() for name in theirs]), whole) <= 1e-3
    for name, gradient in theirs.items():
        if gradient.norm() > 1e-5 * whole.norm():
            assert cosine(found[name], gradient) >= COSINE, name


@pytest.mark.parametrize("learned", [False, True], ids=["kept", "learned"])
def test_training_goes_the_same_way(speech, tmp_path, learned):
    """20 steps of AdamW; the learned statistics are those of each step."""
    model = make(tmp_path, seed=3).train(learned)
    clips = known_speech(seed=3)
    options = {"learned": learned, "steps": 20, "learning_rate": 2e-3}
    ours = speech.run("fastspeech2", batch_of(clips), path=str(tmp_path), step=250, **options)["curve"]
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.0)
    theirs = []
    for _ in range(20):
        optimiser.zero_grad()
        loss = model(clips, 250)[1]
        theirs.append(loss.item())
        loss.backward()
        optimiser.step()
    assert theirs[-1] < 0.9 * theirs[0], "the curve must move to mean anything"
    torch.testing.assert_close(ours, torch.tensor(theirs), rtol=2e-3, atol=1e-4)


@pytest.mark.parametrize("controls", [(1.0, 1.0, 1.0), (0.5, 1.3, 0.7)], ids=["plain", "controlled"])
def test_new_speech(speech, tmp_path, controls):
    rate, pitch, energy = controls
    model = make(tmp_path, seed=5)
    with torch.no_grad():
        model.duration_predictor.output.bias.fill_(1.5)
        model.pitch_predictor["statistics"][2].bias.copy_(torch.tensor([5.0, 0.3]))
    model.save(tmp_path)
    clips = known_speech()
    ours = speech.run(
        "fastspeech2_speak", batch_of(clips), path=str(tmp_path), rate=rate, pitch=pitch, energy=energy
    )
    for row, clip in enumerate(clips):
        theirs = model.speak(clip["ids"], clip["speaker"], rate, pitch, energy)
        assert ours["frames"][row] == len(theirs)
        assert relative_difference(ours["mel"][row, : len(theirs)], theirs) <= TOLERANCE


def test_alignment(speech):
    generator = torch.Generator().manual_seed(1)
    for _ in range(10):
        sizes = [(1, 1), (1, 9), (6, 6), (9, 40), (3, 4)]
        scores = 3 * torch.randn(len(sizes), 40, 9, generator=generator)
        counts = torch.tensor(sizes)
        ours = speech.run("align", {"scores": scores, "symbols": counts[:, 0], "frames": counts[:, 1]})
        losses = []
        for row, (symbols, frames) in enumerate(sizes):
            clip = scores[row, :frames, :symbols]
            losses.append(forward_sum(clip))
            assert torch.equal(ours["durations"][row, :symbols], best_alignment(clip))
            assert not ours["durations"][row, symbols:].any()
            torch.testing.assert_close(ours["prior"][row, :frames, :symbols], prior(frames, symbols))
            assert ours["prior"][row].sum() == pytest.approx(frames, rel=1e-5)
        assert ours["forward_sum"].item() == pytest.approx(torch.stack(losses).mean().item(), rel=1e-5)


def test_contours(speech):
    generator = torch.Generator().manual_seed(2)
    for frames in (3, 50, 1201):
        hertz = 100 + 200 * torch.rand(frames, generator=generator)
        hertz[: frames // 4] = 0
        ours = speech.run("contour", {"hertz": hertz})
        parts, mean, deviation = contour(hertz.numpy())
        torch.testing.assert_close(ours["parts"], parts, rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(ours["statistics"], torch.tensor([mean, deviation]).float(), rtol=1e-4, atol=1e-5)
