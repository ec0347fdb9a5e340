"""HuBERT's objective (Hsu et al. 2021), with labels as PBERT has them (Wang et al. 2022), in PyTorch, on top of
transformers' HubertModel."""

import torch
from transformers import HubertModel

TEMPERATURE = 0.1
PADDING = -100


class ClusterHead(torch.nn.Module):
    def __init__(self, hidden, final_dim, clusters, generator):
        super().__init__()
        self.final_proj = torch.nn.Linear(hidden, final_dim)
        self.label_embs = torch.nn.Parameter(torch.randn(clusters, final_dim, generator=generator))

    def forward(self, hidden):
        projected = self.final_proj(hidden)
        similarity = torch.cosine_similarity(projected.unsqueeze(1), self.label_embs.unsqueeze(0), dim=-1)
        return similarity / TEMPERATURE


class MaskedPrediction(torch.nn.Module):
    def __init__(self, folder, clusters, labels, final_dim, seed=5):
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.backbone = HubertModel.from_pretrained(folder, apply_spec_augment=True, attn_implementation="eager")
        hidden = self.backbone.config.hidden_size
        self.head = ClusterHead(hidden, final_dim, clusters, generator)
        self.label_head = ClusterHead(hidden, final_dim, labels, generator)
        self.backbone.feature_extractor.register_forward_hook(self.keep_features)

    def keep_features(self, module, inputs, output):
        self.features = output.transpose(1, 2)  # [B, T, C]

    def forward(self, audio, lengths, targets, frame_labels, mask, feature_penalty, unmasked_weight, label_weight):
        """total, cross-entropy over masked frames, penalty, correct frames, cross-entropy of labels."""
        attention_mask = (torch.arange(audio.shape[1]) < lengths.unsqueeze(1)).long()
        hidden = self.backbone(audio, attention_mask=attention_mask, mask_time_indices=mask).last_hidden_state
        valid = targets != PADDING
        masked, seen = (self.head(hidden[part]) for part in (valid & mask, valid & ~mask))
        loss = torch.nn.functional.cross_entropy(masked, targets[valid & mask])
        penalty = self.features.pow(2).mean(-1)[valid].mean()
        unmasked = torch.nn.functional.cross_entropy(seen, targets[valid & ~mask])
        labelled = frame_labels != PADDING
        of_labels = torch.nn.functional.cross_entropy(self.label_head(hidden[labelled]), frame_labels[labelled])
        total = loss + feature_penalty * penalty + unmasked_weight * unmasked + label_weight * of_labels
        return total, loss, penalty, (masked.argmax(-1) == targets[valid & mask]).sum(), of_labels
