"""The tuning methods for a transformers model: LoRA is PEFT's, the others are hooked in as their formulas read.

Each function freezes what its method leaves as it is and returns the model to train.
"""

import peft
import torch
import torch.nn.functional as F
from torch import nn

from cases import PREFIX_LENGTH

HEAD = ["projector", "classifier"]
LORA_TARGETS = ["q_proj", "k_proj", "v_proj", "out_proj", "intermediate_dense", "output_dense"]
PREFIX_DROPOUT = 0.1


class Bottleneck(nn.Module):
    """x + up(relu(down(x)))."""

    def __init__(self, width: int):
        super().__init__()
        self.down = nn.Linear(width, width // 2)
        self.up = nn.Linear(width // 2, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.up(F.relu(self.down(x)))


class ConvAdapter(nn.Module):
    """x + excite(convolutions(norm(x))) on [B, T, D]; padding counts as audio, which is less work than a mask."""

    def __init__(self, width: int):
        super().__init__()
        half = width // 2
        self.norm = nn.LayerNorm(width)
        self.down = nn.Conv1d(width, half, 3, padding=1, groups=half, bias=False)
        self.mid = nn.Conv1d(half, half, 5, padding=2, groups=half, bias=False)
        self.up = nn.Conv1d(half, width, 3, padding=1, groups=half, bias=False)
        self.squeeze = nn.Linear(width, width // 16, bias=False)
        self.excite = nn.Linear(width // 16, width, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.up(self.mid(F.relu(self.down(self.norm(x).transpose(1, 2)))))
        gate = torch.sigmoid(self.excite(F.relu(self.squeeze(y.mean(2)))))
        return x + (y * gate.unsqueeze(2)).transpose(1, 2)


class PrefixedAttention(nn.Module):
    """transformers' self-attention with trained keys and values before its own, which are never masked."""

    def __init__(self, attention: nn.Module, table: nn.Parameter, layer: int):
        super().__init__()
        self.attention, self.table, self.layer = attention, table, layer

    def heads(self, x: torch.Tensor) -> torch.Tensor:  # [B, S, D] -> [B, H, S, D / H]
        return x.unflatten(-1, (self.attention.num_heads, self.attention.head_dim)).transpose(1, 2)

    def prefixed(self, which: int, x: torch.Tensor) -> torch.Tensor:
        rows = self.table[:, self.layer, which].expand(x.shape[0], -1, -1)
        rate = PREFIX_DROPOUT if self.attention.dropout > 0 else 0.0  # off where all dropout is
        return self.heads(torch.cat([F.dropout(rows, rate, self.training).to(x.dtype), x], dim=1))

    def forward(self, hidden_states: torch.Tensor, attention_mask: torch.Tensor | None = None, **_):
        block = self.attention
        if attention_mask is not None:  # [B, 1, T, T], true or 0 where there is audio
            keep = 1 if attention_mask.dtype == torch.bool else 0
            attention_mask = F.pad(attention_mask, (self.table.shape[0], 0), value=keep)
        mixed = F.scaled_dot_product_attention(
            self.heads(block.q_proj(hidden_states)),
            self.prefixed(0, block.k_proj(hidden_states)),
            self.prefixed(1, block.v_proj(hidden_states)),
            attention_mask,
            block.dropout if self.training else 0.0,
        )
        return block.out_proj(mixed.transpose(1, 2).flatten(2)), None


def freeze_all_but_head(model: nn.Module) -> None:
    model.requires_grad_(False)
    for part in HEAD:
        getattr(model, part).requires_grad_(True)


def after_feed_forward(model: nn.Module, adapter: type[nn.Module]) -> nn.Module:
    freeze_all_but_head(model)
    for layer in model.wav2vec2.encoder.layers:
        layer.feed_forward.adapter = adapter(model.config.hidden_size)
        layer.feed_forward.register_forward_hook(lambda module, _, output: module.adapter(output))
    return model


def add_prefix(model: nn.Module) -> nn.Module:
    freeze_all_but_head(model)
    config = model.config
    table = nn.Parameter(torch.randn(PREFIX_LENGTH, config.num_hidden_layers, 2, config.hidden_size))
    for index, layer in enumerate(model.wav2vec2.encoder.layers):
        layer.attention = PrefixedAttention(layer.attention, table, index)
    return model


def add_lora(model: nn.Module) -> nn.Module:
    config = peft.LoraConfig(r=8, lora_alpha=1, target_modules=LORA_TARGETS, modules_to_save=HEAD)
    return peft.get_peft_model(model, config)


def finetune(model: nn.Module) -> nn.Module:
    model.freeze_feature_encoder()
    return model


METHODS = {
    "lora": add_lora,
    "conv_adapter": lambda model: after_feed_forward(model, ConvAdapter),
    "bottleneck": lambda model: after_feed_forward(model, Bottleneck),
    "prefix": add_prefix,
    "finetune": finetune,
}
