"""One model on one batch, in C++ (build/tests/parity_probe) and in Python, and how near the results must be."""

from dataclasses import dataclass

import pytest
import torch

from parity.adapters import Reference
from parity.probe_process import ProbeProcess, write_tensors
from tiny_models import LABELS

HIDDEN_TOLERANCE = 1e-4  # of the largest value
COSINE = 0.9999
VANISHING = 1e-6  # of the whole gradient's norm: a tensor whose gradient is rounding noise only


@dataclass
class BatchCase:
    audio: torch.Tensor  # fp32 [B, S]
    labels: torch.Tensor  # int64 [B], of transcripts [B, L]
    lengths: torch.Tensor  # int64 [B], samples


def make_batch(lengths=(4000, 4000, 4000), seed=0):
    """Clips of noise with zeros behind them; each has a colour of its own, so that clips differ after normalising."""
    generator = torch.Generator().manual_seed(seed)
    audio = torch.zeros(len(lengths), max(lengths))
    for i, length in enumerate(lengths):
        noise = torch.randn(length, generator=generator)
        smooth = noise.unfold(0, i + 1, 1).mean(-1)
        audio[i, : len(smooth)] = (smooth - smooth.mean()) / smooth.std()
    labels = torch.arange(len(lengths)) % len(LABELS)
    return BatchCase(audio, labels, torch.tensor(lengths))


class Probe(ProbeProcess):
    """One process of parity_probe."""

    def run(self, model, batch, *, method="finetune", places=None, head=None, options=None, initial=None, **job):
        """Output tensors by name. `model`: a folder; `places`, `head`, `options`: those of the tuning method, the head
        and the model; `initial`: trained parameters by name; `task`, `labels`: in place of "classify" and LABELS;
        `target`: options of transcripts."""
        stem = self.next_stem()
        tensors = {"audio": batch.audio, "labels": batch.labels, "lengths": batch.lengths}
        if initial is not None:
            values = {name: value.detach().clone() for name, value in initial.items()}
            write_tensors(values, f"{stem}.initial.safetensors")
            job["initial"] = f"{stem}.initial.safetensors"
        spec = {
            "task": job.pop("task", "classify"),
            "labels": job.pop("labels", LABELS),
            "model": {"model": str(model), "padding": "longest", "device": "cpu", **(options or {})},
            "tuning": {"method": method, "prefix_dropout_prob": 0.0, **(places or {})},
            "head": head or {},
            "target": job.pop("target", {}),
        }
        return self.answer(stem, tensors, job | {"spec": spec})


@dataclass
class Pair:
    """The same model twice: `ours` is what the probe wrote, `output` what transformers computed."""

    ours: dict[str, torch.Tensor]
    reference: Reference
    output: object
    batch: BatchCase
    masked: bool


def run_pair(probe, tiny, method="finetune", batch=None, head=None, places=None, model=None, **job):
    """`places`: tuning options that both sides know. The reference takes the mask that the preprocessor asks for.
    `model`: transformers' side; None: the classifier."""
    batch = batch or make_batch()
    places = places or {}
    reference = Reference(model or tiny.load(), method, **places).randomise()
    ours = probe.run(tiny.path, batch, method=method, places=places, head=head, initial=reference.trained, **job)
    output = reference.forward(batch.audio, batch.labels, batch.lengths if tiny.attention_mask else None)
    output.loss.backward()
    return Pair(ours, reference, output, batch, tiny.attention_mask)


def relative_difference(ours, theirs):
    """Largest absolute difference, relative to the largest value."""
    assert ours.shape == theirs.shape
    return ((ours - theirs).abs().max() / theirs.abs().max()).item()


def hidden_states_of(output):
    """As the program has them: the last one behind the final norm."""
    return [*output.hidden_states[:-1], output.last_hidden_state]


def check_hidden_states(pair, tolerance=HIDDEN_TOLERANCE):
    """Every layer's valid frames."""
    valid = pair.reference.frame_mask
    valid = torch.ones(pair.output.hidden_states[0].shape[:2], dtype=torch.bool) if valid is None else valid
    for index, theirs in enumerate(pair.output.hidden_states):
        difference = relative_difference(pair.ours[f"hidden.{index}"][valid], theirs.detach()[valid])
        assert difference <= tolerance, f"hidden states {index} differ by {difference:.2e} of their scale"
    assert f"hidden.{len(pair.output.hidden_states)}" not in pair.ours


def check_logits(pair, tolerance=HIDDEN_TOLERANCE):
    assert relative_difference(pair.ours["logits"], pair.output.logits.detach()) <= tolerance
    assert pair.ours["loss"].item() == pytest.approx(pair.output.loss.item(), rel=tolerance, abs=tolerance)


def cosine(a, b):
    a, b = a.double().flatten(), b.double().flatten()
    return (a @ b / (a.norm() * b.norm())).item()


def check_gradients(pair):
    """Direction and length of the whole gradient and of each tensor's."""
    theirs = {name: p.grad for name, p in pair.reference.trained.items() if p.grad is not None}
    ours = {name.removeprefix("grad."): value for name, value in pair.ours.items() if name.startswith("grad.")}
    assert theirs, "nothing trains"
    assert ours.keys() == theirs.keys()
    whole = torch.cat([theirs[name].flatten() for name in theirs])
    both = torch.cat([ours[name].flatten() for name in theirs])
    assert cosine(both, whole) >= COSINE
    assert both.norm().item() == pytest.approx(whole.norm().item(), rel=1e-3)
    for name, gradient in theirs.items():
        assert ours[name].shape == gradient.shape, name
        if gradient.norm() < VANISHING * whole.norm():
            assert ours[name].norm() < 10 * VANISHING * whole.norm(), f"{name}: the gradient should vanish"
            continue
        assert cosine(ours[name], gradient) >= COSINE, name
        assert ours[name].norm().item() == pytest.approx(gradient.norm().item(), rel=1e-2), name


def check_loss_curve(pair, **options):
    """`options`: learning_rate, weight_decay, max_grad_norm and steps, those of the probe's run."""
    theirs = torch.tensor(train(pair, **options))
    assert theirs[-1] < 0.9 * theirs[0], "the curve must move to mean anything"
    torch.testing.assert_close(pair.ours["curve"], theirs, rtol=1e-3, atol=1e-4)


def train(pair, steps, learning_rate, weight_decay, max_grad_norm):
    """The reference's loss before each step of AdamW; matrices and kernels decay."""
    parameters = list(pair.reference.trained.values())
    groups = [
        {"params": [p for p in parameters if p.dim() > 1], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.dim() <= 1], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, lr=learning_rate)
    lengths = pair.batch.lengths if pair.masked else None
    losses = []
    for _ in range(steps):
        optimiser.zero_grad()
        loss = pair.reference.forward(pair.batch.audio, pair.batch.labels, lengths).loss
        losses.append(loss.item())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, max_grad_norm)
        optimiser.step()
    return losses
