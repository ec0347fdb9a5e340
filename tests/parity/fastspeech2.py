"""FastSpeech 2 in plain PyTorch, one clip after the other without padding, under the names of our checkpoints."""

import json
import math

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from scipy.stats import betabinom
from torch import nn
from torch.nn import functional as F

TINY = dict(
    vocab_size=80,
    hidden_size=16,
    encoder_layers=2,
    decoder_layers=2,
    attention_heads=2,
    feed_forward_size=24,
    feed_forward_kernel=3,
    hidden_dropout=0.0,
    speaker_embedding_dim=6,
    predictor_size=12,
    predictor_dropout=0.0,
    pitch_size=8,
    pitch_embeddings=40,
    pitch_bins=32,
    energy_bins=16,
    highest_energy=10.0,
    energy_unit=2.0,
    aligner_temperature=0.05,
    postnet_layers=3,
    postnet_size=10,
    postnet_kernel=5,
    postnet_dropout=0.0,
    num_mel_bins=8,
    hard_alignment_start=100,
    binarisation_start=200,
    binarisation_ramp=100,
)
SCALES = 10


def sinusoids(length, size):
    angles = torch.arange(length)[:, None] / 10000 ** (torch.arange(0, size, 2) / size)
    return torch.stack([angles.sin(), angles.cos()], 2).reshape(length, size)


class TimeConv(nn.Conv1d):
    def __init__(self, into, out, kernel):
        super().__init__(into, out, kernel, padding=kernel // 2)

    def forward(self, x):  # [T, C]
        return super().forward(x.T[None])[0].T


class Attention(nn.Module):
    def __init__(self, size, heads):
        super().__init__()
        self.heads = heads
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            setattr(self, name, nn.Linear(size, size, bias=False))

    def forward(self, x):
        q, k, v = (p(x).unflatten(1, (self.heads, -1)).transpose(0, 1) for p in (self.q_proj, self.k_proj, self.v_proj))
        weights = (q @ k.transpose(1, 2) / math.sqrt(q.shape[2])).softmax(2)
        return self.out_proj((weights @ v).transpose(0, 1).flatten(1))


class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        size = c["hidden_size"]
        self.attention = Attention(size, c["attention_heads"])
        self.layer_norm = nn.LayerNorm(size)
        self.feed_forward = nn.ModuleDict(
            {
                "inner_conv": TimeConv(size, c["feed_forward_size"], c["feed_forward_kernel"]),
                "output_dense": nn.Linear(c["feed_forward_size"], size),
            }
        )
        self.final_layer_norm = nn.LayerNorm(size)

    def forward(self, x):
        h = self.layer_norm(x + self.attention(x))
        inner = self.feed_forward["inner_conv"](h).relu()
        return self.final_layer_norm(h + self.feed_forward["output_dense"](inner))


class Positions(nn.Module):
    def __init__(self):
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(()))

    def forward(self, x):
        return x + self.alpha * sinusoids(*x.shape)


class Predictor(nn.Module):
    def __init__(self, into, size, layers, kernel, out, positions):
        super().__init__()
        if positions:
            self.positions = Positions()
        widths = [into] + layers * [size]
        self.layers = nn.ModuleList(
            nn.ModuleDict({"conv": TimeConv(a, b, kernel), "layer_norm": nn.LayerNorm(b)})
            for a, b in zip(widths, widths[1:], strict=False)
        )
        self.output = nn.Linear(size, out)

    def forward(self, x):
        if hasattr(self, "positions"):
            x = self.positions(x)
        for layer in self.layers:
            x = layer["layer_norm"](layer["conv"](x).relu())
        return self.output(x)


class Aligner(nn.Module):
    def __init__(self, c):
        super().__init__()
        size, mels = c["hidden_size"], c["num_mel_bins"]
        self.temperature = c["aligner_temperature"]
        self.key_speaker = nn.Linear(size, size, bias=False)
        self.key_conv = TimeConv(size, 2 * size, 3)
        self.key_output = nn.Linear(2 * size, mels)
        self.query_speaker = nn.Linear(size, mels, bias=False)
        self.query_conv = TimeConv(mels, 2 * mels, 3)
        self.query_hidden = nn.Linear(2 * mels, mels)
        self.query_output = nn.Linear(mels, mels)

    def forward(self, embedded, mel, speaker):
        keys = self.key_output(self.key_conv(embedded + self.key_speaker(speaker)).relu())
        queries = self.query_conv(mel + self.query_speaker(speaker)).relu()
        queries = self.query_output(self.query_hidden(queries).relu())
        distances = (queries[:, None] - keys[None]).square().sum(2)
        frames, symbols = distances.shape
        return (-self.temperature * distances).log_softmax(1) + (prior(frames, symbols) + 1e-8).log()


def prior(frames, symbols):
    k = np.arange(symbols)
    rows = [betabinom.pmf(k, symbols - 1, t, frames + 1 - t) for t in range(1, frames + 1)]
    return torch.tensor(np.stack(rows), dtype=torch.float32)


def best_alignment(scores):
    """Durations of the path with the largest sum, by trying the best of each (frame, symbol) from the end."""
    scores = scores.detach().double().numpy()
    frames, symbols = scores.shape
    best = np.full((frames, symbols), -np.inf)
    best[0, 0] = scores[0, 0]
    for t in range(1, frames):
        for s in range(min(t + 1, symbols)):
            best[t, s] = scores[t, s] + max(best[t - 1, s], best[t - 1, s - 1] if s else -np.inf)
    durations, s = np.zeros(symbols, dtype=np.int64), symbols - 1
    for t in range(frames - 1, -1, -1):
        durations[s] += 1
        if t and s and best[t - 1, s - 1] >= best[t - 1, s]:
            s -= 1
    return torch.from_numpy(durations)


def forward_sum(scores):
    frames, symbols = scores.shape
    log = F.pad(scores, (1, 0), value=-1.0).log_softmax(1)
    loss = nn.CTCLoss(zero_infinity=True)
    return loss(log[:, None], torch.arange(1, symbols + 1)[None], torch.tensor([frames]), torch.tensor([symbols]))


def contour(hertz):
    """Parts [T, 10], mean and deviation of ln F0."""
    frames = np.arange(len(hertz))
    voiced = hertz > 0
    log = np.interp(frames, frames[voiced], np.log(hertz[voiced]))
    standard = (log - log.mean()) / log.std()
    mirrored = np.concatenate([standard, standard[::-1]])
    speeds = 2 * np.pi * np.fft.fftfreq(len(mirrored))
    parts = [
        np.fft.ifft(np.fft.fft(mirrored) * np.log(2) * (s * speeds) ** 2 * np.exp(-((s * speeds) ** 2) / 2)).real
        for s in 2.0 * 2 ** np.arange(SCALES)
    ]
    return torch.tensor(np.stack(parts, 1)[: len(hertz)], dtype=torch.float32), log.mean(), log.std()




class FastSpeech2(nn.Module):
    def __init__(self, **config):
        super().__init__()
        self.c = c = TINY | config
        size, mels = c["hidden_size"], c["num_mel_bins"]
        predictor = (c["predictor_size"], c.get("variance_layers", 2), c.get("variance_kernel", 5))
        self.encoder = nn.ModuleDict(
            {
                "embed_symbols": nn.Embedding(c["vocab_size"], size),
                "layers": nn.ModuleList(Block(c) for _ in range(c["encoder_layers"])),
            }
        )
        self.speaker_projection = nn.Linear(c["speaker_embedding_dim"], size)
        self.aligner = Aligner(c)
        self.duration_predictor = Predictor(size, c["predictor_size"], 2, 3, 1, positions=False)
        p = c["pitch_size"]
        self.pitch_predictor = nn.ModuleDict(
            {
                "input": nn.Linear(size, p),
                "contour": Predictor(p, *predictor, SCALES + 1, positions=True),
                "statistics": nn.ModuleList([nn.Linear(size, p), nn.Linear(p, p), nn.Linear(p, 2)]),
                "embedding": nn.Embedding(c["pitch_embeddings"], size),
            }
        )
        self.energy_predictor = Predictor(size, *predictor, 1, positions=True)
        self.energy_predictor.embedding = nn.Embedding(c["energy_bins"], size)
        self.decoder = nn.ModuleDict({"layers": nn.ModuleList(Block(c) for _ in range(c["decoder_layers"]))})
        self.mel_output = nn.Linear(size, mels)
        widths = [mels] + (c["postnet_layers"] - 1) * [c["postnet_size"]] + [mels]
        self.postnet = nn.ModuleDict(
            {
                "layers": nn.ModuleList(
                    nn.ModuleDict({"conv": TimeConv(a, b, c["postnet_kernel"]), "batch_norm": nn.BatchNorm1d(b)})
                    for a, b in zip(widths, widths[1:], strict=False)
                )
            }
        )

    def save(self, folder):
        tensors = {n: t.contiguous() for n, t in self.state_dict().items() if not n.endswith("num_batches_tracked")}
        save_file(tensors, folder / "model.safetensors")
        (folder / "config.json").write_text(json.dumps({"model_type": "fastspeech2"} | self.c))

    def load(self, folder):
        self.load_state_dict(load_file(folder / "model.safetensors"), strict=False)

    def share(self, x):
        return x.detach() + 0.1 * (x - x.detach())

    def embed_pitch(self, hertz):
        mel = 1127 * torch.log(1 + hertz / 700)
        low, high = (1127 * math.log(1 + f / 700) for f in (50, 1100))
        bins = ((mel - low) / (high - low) * (self.c["pitch_bins"] - 2) + 1).round().clamp(1, self.c["pitch_bins"] - 1)
        return self.pitch_predictor["embedding"](torch.where(hertz > 0, bins, torch.zeros(())).long())

    def embed_energy(self, energy):
        last = self.c["energy_bins"] - 1
        return self.energy_predictor.embedding((energy / self.c["highest_energy"] * last).round().clamp(0, last).long())

    def encode(self, ids, speaker):
        embedded = self.encoder["embed_symbols"](ids)
        x = embedded + sinusoids(*embedded.shape)
        for block in self.encoder["layers"]:
            x = block(x)
        speaker = self.speaker_projection(speaker)
        return embedded, x + speaker, speaker

    def decode(self, x):
        x = x + sinusoids(*x.shape)
        for block in self.decoder["layers"]:
            x = block(x)
        return self.mel_output(x)

    def refine(self, clips):
        """[T, mels] each, normalised together."""
        x = clips
        for i, layer in enumerate(self.postnet["layers"]):
            x = [layer["conv"](clip) for clip in x]
            normed = layer["batch_norm"](torch.cat(x))
            x = (normed.tanh() if i + 1 < len(self.postnet["layers"]) else normed).split([len(clip) for clip in clips])
        return [clip + more for clip, more in zip(clips, x, strict=True)]

    def predict_pitch(self, frames, states):
        outputs = self.pitch_predictor["contour"](self.pitch_predictor["input"](self.share(frames)))
        a, b, c = self.pitch_predictor["statistics"]
        statistics = c(b(a(self.share(states).mean(0)).relu()).relu())
        return outputs[:, :SCALES], outputs[:, SCALES], statistics

    def say_known(self, clip, step):
        """What is said of one clip before the post-net: a dictionary of ids, speaker, mel, hertz, energy."""
        said = {}
        embedded, states, speaker = self.encode(clip["ids"], clip["speaker"])
        said["scores"] = self.aligner(embedded, clip["mel"], speaker)
        said["durations"] = durations = best_alignment(said["scores"])
        said["symbols"] = symbols = torch.arange(len(durations)).repeat_interleave(durations)
        soft = said["scores"].softmax(1)
        said["soft"] = soft
        frames = states[symbols] if step >= self.c["hard_alignment_start"] else soft @ states
        said["log_durations"] = self.duration_predictor(self.share(states))[:, 0]
        said["parts"], said["unvoiced"], said["statistics"] = self.predict_pitch(frames, states)
        said["energy"] = self.energy_predictor(self.share(states))[:, 0] * self.c["energy_unit"]
        said["known_energy"] = torch.stack([e.mean() for e in clip["energy"].split(durations.tolist())])
        x = frames + self.embed_pitch(clip["hertz"]) + self.embed_energy(said["known_energy"])[symbols]
        said["before"] = self.decode(x)
        return said

    def forward(self, clips, step):
        """What is said of each clip, and the loss of the batch."""
        said = [self.say_known(clip, step) for clip in clips]
        for one, after in zip(said, self.refine([one["before"] for one in said]), strict=True):
            one["after"] = after
        return said, self.loss(clips, said, step)

    def loss(self, clips, said, step):
        pairs = list(zip(clips, said, strict=True))

        def all_of(distance):
            return torch.cat([distance(clip, one).flatten() for clip, one in pairs]).mean()

        total = all_of(lambda clip, one: (one["before"] - clip["mel"]).abs())
        total = total + all_of(lambda clip, one: (one["after"] - clip["mel"]).abs())
        total = total + all_of(lambda clip, one: forward_sum(one["scores"]))
        weight = min(1, max(0, (step - self.c["binarisation_start"]) / self.c["binarisation_ramp"]))
        chosen = [one["soft"][torch.arange(len(one["symbols"])), one["symbols"]] for one in said]
        total = total - weight * torch.cat(chosen).log().mean()
        total = total + all_of(lambda clip, one: (one["log_durations"] - (one["durations"] + 1).log()) ** 2)
        sums = [(one["log_durations"].exp() - 1).clamp(min=0).sum() for one in said]
        lengths = [torch.tensor(float(len(clip["mel"]))) for clip in clips]
        total = total + torch.stack([((a + 1).log() - (b + 1).log()) ** 2 for a, b in zip(sums, lengths, strict=True)]).mean()
        total = total + all_of(lambda clip, one: (one["energy"] - one["known_energy"]).abs()) / self.c["energy_unit"]
        known = [contour(clip["hertz"].numpy()) for clip in clips]
        for index, (clip, one) in enumerate(pairs):
            one["known_parts"] = known[index][0]
            one["distance"] = (one["statistics"] - torch.tensor(known[index][1:], dtype=torch.float32)).abs()
        total = total + all_of(lambda clip, one: (one["parts"] - one["known_parts"]).abs())
        total = total + torch.stack([one["distance"].sum() for one in said]).mean()
        return total + F.binary_cross_entropy_with_logits(
            torch.cat([one["unvoiced"] for one in said]), torch.cat([(clip["hertz"] == 0).float() for clip in clips])
        )

    @torch.no_grad()
    def speak(self, ids, speaker, rate=1.0, pitch=1.0, energy=1.0):
        _, states, _ = self.encode(ids, speaker)
        durations = ((self.duration_predictor(states)[:, 0].exp() - 1) / rate).round().clamp(min=1).long()
        symbols = torch.arange(len(durations)).repeat_interleave(durations)
        frames = states[symbols]
        parts, unvoiced, (mean, deviation) = self.predict_pitch(frames, states)
        curve = parts.sum(1) - parts.sum(1).mean()
        hertz = (curve / curve.square().mean().sqrt() * deviation.clamp(min=0) + mean).exp() * pitch
        hertz[unvoiced > 0] = 0
        loudness = self.energy_predictor(states)[:, 0] * self.c["energy_unit"] * energy
        return self.refine([self.decode(frames + self.embed_pitch(hertz) + self.embed_energy(loudness)[symbols])])[0]
