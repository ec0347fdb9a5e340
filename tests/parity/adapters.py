"""The tuning methods again, in Python: what `sure` is compared with.

finetune is transformers, LoRA is PEFT; bottleneck, prefix and conv_adapter are written from the formulas of the SURE
paper (Li et al. 2023) and hooked into a transformers model. A Reference names what trains as `sure` does.
"""

import math
from functools import partial

import torch
from peft import IA3Config, LoraConfig, get_peft_model
from torch import nn
from torch.nn import functional as F
from torch.nn.utils import parametrize

LORA_TARGETS = ["q_proj", "k_proj", "v_proj", "out_proj", "intermediate_dense", "output_dense"]


class Bottleneck(nn.Module):
    """x + up(relu(down(x)))."""

    def __init__(self, width, reduction=2):
        super().__init__()
        self.down = nn.Linear(width, width // reduction)
        self.up = nn.Linear(width // reduction, width)

    def forward(self, x, mask):
        return x + self.up(F.relu(self.down(x)))


class ConvAdapter(nn.Module):
    """x + excite(convolutions(norm(x))) on [B, T, C]; frames outside the mask are silent and do not count."""

    def __init__(self, width, reduction=2, squeeze=16):
        super().__init__()
        inner = width // reduction
        self.norm = nn.LayerNorm(width)
        self.down = nn.Conv1d(width, inner, 3, padding="same", groups=inner, bias=False)
        self.mid = nn.Conv1d(inner, inner, 5, padding="same", groups=inner, bias=False)
        self.up = nn.Conv1d(inner, width, 3, padding="same", groups=inner, bias=False)
        self.squeeze = nn.Linear(width, width // squeeze, bias=False)
        self.excite = nn.Linear(width // squeeze, width, bias=False)

    def forward(self, x, mask):
        valid = torch.ones(x.shape[:2], dtype=torch.bool) if mask is None else mask
        keep = valid[:, None, :].to(x.dtype)  # [B, 1, T]
        y = self.norm(x).transpose(1, 2)
        y = F.relu(self.down(y * keep))
        y = self.up(self.mid(y * keep) * keep)
        mean = (y * keep).sum(-1) / keep.sum(-1)  # [B, C]
        scale = torch.sigmoid(self.excite(F.relu(self.squeeze(mean))))
        return x + (y * scale[:, :, None]).transpose(1, 2)


class Prefix(nn.Module):
    """P keys and P values for each of L layers, from one embedding, perhaps through a small network."""

    def __init__(self, layers, width, length, projection):
        super().__init__()
        self.shape = (length, layers, 2, width)
        if projection:
            self.embedding = nn.Parameter(torch.empty(length, width))
            self.hidden = nn.Linear(width, width)
            self.output = nn.Linear(width, layers * 2 * width)
        else:
            self.embedding = nn.Parameter(torch.empty(length, layers * 2 * width))

    def forward(self, layer):
        table = self.embedding
        if hasattr(self, "hidden"):
            table = self.output(torch.tanh(self.hidden(table)))
        keys, values = table.view(self.shape)[:, layer].unbind(1)
        return keys, values  # [P, D] each


def attention_with_prefix(attention, prefix, layer):
    """A forward of transformers' attention with keys and values put in front; the prefix is never masked."""

    def heads(x):  # [B, S, D] -> [B, H, S, D / H]
        return x.unflatten(-1, (attention.num_heads, attention.head_dim)).transpose(1, 2)

    def forward(hidden_states, attention_mask=None, **_):
        batch = hidden_states.shape[0]
        keys, values = (x.expand(batch, *x.shape) for x in prefix(layer))
        query = heads(attention.q_proj(hidden_states))
        keys = heads(torch.cat([keys, attention.k_proj(hidden_states)], dim=1))
        values = heads(torch.cat([values, attention.v_proj(hidden_states)], dim=1))
        scores = query @ keys.transpose(-1, -2) / math.sqrt(attention.head_dim)
        if attention_mask is not None:  # additive, [B, 1, T, T]
            scores = scores + F.pad(attention_mask, (scores.shape[-1] - attention_mask.shape[-1], 0))
        mixed = (scores.softmax(-1) @ values).transpose(1, 2).flatten(2)
        return attention.out_proj(mixed), None

    return forward


def wavlm_attention_with_prefix(attention, prefix, layer):
    """The same for WavLM's, whose bias by distance the keys of the prefix do not get."""

    def heads(x):
        return x.unflatten(-1, (attention.num_heads, attention.head_dim)).transpose(1, 2)

    def forward(hidden_states, attention_mask=None, position_bias=None, index=0, **_):
        batch, frames, _ = hidden_states.shape
        if position_bias is None:
            position_bias = attention.compute_bias(frames, frames).unsqueeze(0)
        split = hidden_states.unflatten(-1, (attention.num_heads, attention.head_dim)).transpose(1, 2)
        gates = attention.gru_rel_pos_linear(split).unflatten(-1, (2, 4)).sum(-1).sigmoid()
        gate = gates[..., :1] * (gates[..., 1:] * attention.gru_rel_pos_const - 1.0) + 2.0
        keys, values = (x.expand(batch, *x.shape) for x in prefix(layer))
        bias = F.pad(gate * position_bias, (keys.shape[1], 0))
        if attention_mask is not None:  # bool [B, T]
            heard = F.pad(attention_mask.bool(), (keys.shape[1], 0), value=True)
            bias = bias.masked_fill(~heard[:, None, None], -math.inf)
        query = heads(attention.q_proj(hidden_states))
        keys = heads(torch.cat([keys, attention.k_proj(hidden_states)], dim=1))
        values = heads(torch.cat([values, attention.v_proj(hidden_states)], dim=1))
        scores = query @ keys.transpose(-1, -2) / math.sqrt(attention.head_dim) + bias
        mixed = (scores.softmax(-1) @ values).transpose(1, 2).flatten(2)
        return attention.out_proj(mixed), None, position_bias

    return forward


class MergedLora(nn.Module):
    """A weight with its low-rank update in it."""

    def __init__(self, weight, rank, alpha):
        super().__init__()
        self.lora_A = nn.Parameter(torch.zeros(rank, weight.shape[1]))
        self.lora_B = nn.Parameter(torch.zeros(weight.shape[0], rank))
        self.scaling = alpha / rank

    def forward(self, weight):
        return weight + self.lora_B @ self.lora_A * self.scaling


class MergedScale(nn.Module):
    """A weight or bias with (IA)³'s scale in it."""

    def __init__(self, linear, of_input):
        super().__init__()
        shape = (1, linear.in_features) if of_input else (linear.out_features, 1)
        self.ia3_l = nn.Parameter(torch.ones(shape))

    def forward(self, value):
        return value * (self.ia3_l if value.dim() == 2 else self.ia3_l.flatten())


def old_spelling(name):
    """Weight norm as torch.nn.utils.weight_norm and `sure` name it, not its parametrisation."""
    return name.replace("parametrizations.weight.original0", "weight_g").replace(
        "parametrizations.weight.original1", "weight_v"
    )


class Reference:
    """A transformers model with a task's head and what a tuning method adds; `trained` maps sure's names to parameters."""

    def __init__(self, model, method, **options):
        self.model = model
        self.base = getattr(model, model.base_model_prefix)
        self.trained = {}
        self.frame_mask = None  # of the last forward, bool [B, T]; None: every frame is valid
        model.requires_grad_(False)
        by_peft = method in ("lora", "ia3") and model.config.model_type != "wavlm"
        getattr(self, f"_add_{method}" + ("_by_peft" if by_peft else ""))(**options)
        if not by_peft:
            self._train_head()
        for parameter in self.trained.values():
            parameter.requires_grad_(True)

    @torch.no_grad()
    def randomise(self, seed=0, scale=0.3):
        """Values for what was added, so that no part of it is zero."""
        generator = torch.Generator().manual_seed(seed)
        for name, parameter in self.trained.items():
            if name.startswith("adapter."):
                centre = 1.0 if name.endswith("norm.weight") else 0.0
                parameter.copy_(centre + scale * torch.randn(parameter.shape, generator=generator))
        return self

    def forward(self, audio, labels=None, lengths=None):
        """lengths, samples [B]: with an attention mask."""
        mask = None
        if lengths is not None:
            mask = (torch.arange(audio.shape[1])[None] < lengths[:, None]).long()
        self.frame_mask = None if mask is None else self._valid_frames(lengths, audio.shape[1])
        return self.model(audio, attention_mask=mask, labels=labels, output_hidden_states=True)

    def _valid_frames(self, lengths, samples):
        frames = self.base._get_feat_extract_output_lengths(torch.tensor([*lengths.tolist(), samples]))
        return torch.arange(int(frames[-1]))[None] < frames[:-1, None]

    def _head(self):
        return [(part, module) for part, module in self.model.named_children() if module is not self.base]

    def _train_head(self):
        for part, module in self._head():
            self._train(module, f"head.{part}.")
        if hasattr(self.model, "layer_weights"):
            self.trained["head.layer_weights"] = self.model.layer_weights

    def _train(self, module, prefix):
        for name, parameter in module.named_parameters():
            self.trained[prefix + old_spelling(name)] = parameter

    def _add_finetune(self, freeze_front_end=False, freeze_layers=0):
        frozen = ["feature_extractor."] if freeze_front_end else []
        if freeze_layers:
            frozen += ["feature_projection.", *(f"encoder.layers.{i}." for i in range(freeze_layers))]
        for name, parameter in self.base.named_parameters():
            if not name.startswith(tuple(frozen)):
                self.trained["backbone." + old_spelling(name)] = parameter

    def _add_head(self):
        pass

    def _add_language_adapter(self):
        for name, parameter in self.base.named_parameters():
            if ".adapter_layer." in name:
                self.trained["backbone." + name] = parameter

    def _add_lora(self, rank=8, alpha=1):
        """For WavLM, whose attention reads the weights past PEFT's layers, so that these do nothing."""
        for name, module in self.base.named_modules():
            if name.rpartition(".")[2] not in LORA_TARGETS:
                continue
            update = MergedLora(module.weight, rank, alpha)
            parametrize.register_parametrization(module, "weight", update)
            self._train(update, f"adapter.{name}.")

    def _add_lora_by_peft(self, rank=8, alpha=1):
        self._add_by_peft(LoraConfig(r=rank, lora_alpha=alpha, target_modules=LORA_TARGETS))

    def _add_ia3(self):
        """Likewise."""
        for name, module in self.base.named_modules():
            end = name.rpartition(".")[2]
            if end not in ("k_proj", "v_proj", "output_dense"):
                continue
            scale = MergedScale(module, of_input=end == "output_dense")
            parametrize.register_parametrization(module, "weight", scale)
            if end != "output_dense":
                parametrize.register_parametrization(module, "bias", scale)
            self.trained[f"adapter.{name}.ia3_l"] = scale.ia3_l

    def _add_ia3_by_peft(self):
        targets = ["k_proj", "v_proj", "output_dense"]
        self._add_by_peft(IA3Config(target_modules=targets, feedforward_modules=["output_dense"]))

    def _add_bitfit(self):
        for name, parameter in self.base.named_parameters():
            if name.startswith("encoder.layers.") and name.endswith(".bias"):
                self.trained["backbone." + name] = parameter

    def _add_by_peft(self, config):
        config.modules_to_save = [part for part, module in self._head() if list(module.parameters())]
        self.model = get_peft_model(self.model, config)
        for name, parameter in self.model.named_parameters():
            if parameter.requires_grad:
                self.trained[self._name_of_peft(name)] = parameter

    def _name_of_peft(self, name):
        name = name.removeprefix("base_model.model.")
        if ".ia3_l" in name:
            return "adapter." + name.removeprefix(self.base.base_model_prefix + ".").replace(".default", "")
        if ".lora_" in name:
            name = name.removeprefix(self.base.base_model_prefix + ".").replace(".default.weight", "")
            return "adapter." + name
        return "head." + name.replace(".modules_to_save.default", "")

    def _add_bottleneck(self, **places):
        self._add_residual(Bottleneck, **places)

    def _add_conv_adapter(self, squeeze_reduction=16, **places):
        self._add_residual(partial(ConvAdapter, squeeze=squeeze_reduction), **places)

    def _add_residual(self, adapter, output_adapter=True, mh_adapter=False, feat_enc_adapter=False):
        width = self.model.config.hidden_size
        for index, layer in enumerate(self.base.encoder.layers):
            path = f"adapter.encoder.layers.{index}."
            if mh_adapter:
                self._follow(layer.attention, adapter(width), path + "attention.adapter.")
            if output_adapter:
                self._follow(layer.feed_forward, adapter(width), path + "feed_forward.adapter.")
        if feat_enc_adapter:
            for index, layer in enumerate(self.base.feature_extractor.conv_layers):
                path = f"adapter.feature_extractor.conv_layers.{index}.adapter."
                self._follow(layer, adapter(layer.out_conv_dim), path, transposed=True)

    def _follow(self, block, adapter, path, transposed=False):
        def hook(_module, _inputs, output):
            if transposed:
                return adapter(output.transpose(1, 2), None).transpose(1, 2)
            if isinstance(output, tuple):
                return (adapter(output[0], self.frame_mask), *output[1:])
            return adapter(output, self.frame_mask)

        block.register_forward_hook(hook)
        self._train(adapter, path)

    def _add_prefix(self, prefix_seq_len=30, prefix_projection=False):
        config = self.model.config
        prefix = Prefix(config.num_hidden_layers, config.hidden_size, prefix_seq_len, prefix_projection)
        with_prefix = wavlm_attention_with_prefix if config.model_type == "wavlm" else attention_with_prefix
        for index, layer in enumerate(self.base.encoder.layers):
            layer.attention.forward = with_prefix(layer.attention, prefix, index)
        self._train(prefix, "adapter.prefix.")
