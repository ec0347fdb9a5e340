"""HuBERT's objective (Hsu et al. 2021) in PyTorch, on top of transformers' HubertModel."""

import torch
from transformers import HubertModel

TEMPERATURE = 0.1
PADDING = -100


class MaskedPrediction(torch.nn.Module):
    def __init__(self, folder, clusters, final_dim, seed=5):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.backbone = HubertModel.from_pretrained(folder, apply_spec_augment=True, attn_implementation="eager")
        hidden = self.backbone.config.hidden_size
        self.head = torch.nn.Module()
        self.head.final_proj = torch.nn.Linear(hidden, final_dim)
        self.head.label_embs = torch.nn.Parameter(torch.randn(clusters, final_dim, generator=generator))
        self.backbone.feature_extractor.register_forward_hook(self.keep_features)

    def keep_features(self, module, inputs, output):
        self.features = output.transpose(1, 2)  # [B, T, C]

    def logits(self, hidden):
        projected = self.head.final_proj(hidden)
        similarity = torch.cosine_similarity(projected.unsqueeze(1), self.head.label_embs.unsqueeze(0), dim=-1)
        return similarity / TEMPERATURE

    def forward(self, audio, lengths, targets, mask, feature_penalty, unmasked_weight):
        """total, cross-entropy over masked frames, penalty, correct frames."""
        attention_mask = (torch.arange(audio.shape[1]) < lengths.unsqueeze(1)).long()
        hidden = self.backbone(audio, attention_mask=attention_mask, mask_time_indices=mask).last_hidden_state
        valid = targets != PADDING
        masked, seen = (self.logits(hidden[part]) for part in (valid & mask, valid & ~mask))
        loss = torch.nn.functional.cross_entropy(masked, targets[valid & mask])
        penalty = self.features.pow(2).mean(-1)[valid].mean()
        unmasked = torch.nn.functional.cross_entropy(seen, targets[valid & ~mask])
        total = loss + feature_penalty * penalty + unmasked_weight * unmasked
        return total, loss, penalty, (masked.argmax(-1) == targets[valid & mask]).sum()
