"""Small random models of every shape that `sure` loads, as transformers writes them."""

import json
import math
import zlib
from dataclasses import dataclass
from pathlib import Path

import torch
import transformers
from transformers import Wav2Vec2CTCTokenizer

LABELS = ["no", "stop", "up", "yes"]

_COMMON = dict(
    hidden_size=48,
    num_hidden_layers=3,
    num_attention_heads=4,
    intermediate_size=80,
    conv_dim=(32, 32, 24, 32, 32),
    conv_kernel=(10, 3, 3, 3, 2),
    conv_stride=(5, 2, 2, 2, 2),
    num_conv_pos_embeddings=16,
    num_conv_pos_embedding_groups=4,
    classifier_proj_size=20,
    tdnn_dim=(24, 20, 28),
    tdnn_kernel=(5, 3, 1),
    tdnn_dilation=(1, 2, 1),
    xvector_output_dim=16,
    num_labels=len(LABELS),
    vocab_size=32,
    hidden_dropout=0.0,
    attention_dropout=0.0,
    activation_dropout=0.0,
    feat_proj_dropout=0.0,
    final_dropout=0.0,
    layerdrop=0.0,
    apply_spec_augment=False,
    tie_last_hidden_states=True,  # the last one has the final norm behind it, as in transformers 4
    attn_implementation="eager",
)
_BASE = dict(feat_extract_norm="group", conv_bias=False, do_stable_layer_norm=False)
_LARGE = dict(feat_extract_norm="layer", conv_bias=True, do_stable_layer_norm=True)

# More frames than the nearest distance without a bucket of its own, and than the farthest with one.
_WAVLM = dict(num_buckets=32, max_bucket_distance=24)
_DATA2VEC = dict(conv_bias=False, num_conv_pos_embeddings=3, conv_pos_kernel_size=5)

# The first field is the model_type.
SHAPES = {
    "wav2vec2_base": ("wav2vec2", _BASE),
    "wav2vec2_xlsr": ("wav2vec2", _LARGE),
    "wav2vec2_layer_norm_no_bias": ("wav2vec2", _LARGE | dict(conv_bias=False)),
    "wav2vec2_group_stable": ("wav2vec2", _BASE | dict(do_stable_layer_norm=True, num_conv_pos_embeddings=15)),
    "wav2vec2_mms": ("wav2vec2", _LARGE | dict(adapter_attn_dim=16)),
    "hubert_base": ("hubert", _BASE),
    "hubert_large": ("hubert", _LARGE),
    "hubert_no_projection_norm": ("hubert", _BASE | dict(feat_proj_layer_norm=False)),
    "hubert_batch_norm": ("hubert", _BASE | dict(conv_pos_batch_norm=True)),
    "wavlm_base": ("wavlm", _BASE | _WAVLM),
    "wavlm_large": ("wavlm", _LARGE | _WAVLM),
    "data2vec": ("data2vec-audio", _DATA2VEC),
    "unispeech_base": ("unispeech", _BASE),
    "unispeech_sat_large": ("unispeech-sat", _LARGE),
}

_NAMES = {
    "wav2vec2": "Wav2Vec2",
    "hubert": "Hubert",
    "wavlm": "WavLM",
    "data2vec-audio": "Data2VecAudio",
    "unispeech": "UniSpeech",
    "unispeech-sat": "UniSpeechSat",
}


def _classes(suffix):
    return {kind: getattr(transformers, name + suffix, None) for kind, name in _NAMES.items()}


_CONFIGS = _classes("Config")
CLASSES = _classes("ForSequenceClassification")
CTC_CLASSES = _classes("ForCTC")
X_VECTOR_CLASSES = _classes("ForXVector")  # None: transformers has none


@dataclass
class TinyModel:
    path: Path  # as save_pretrained writes it, with its classification head and a preprocessor_config.json
    model_type: str
    attention_mask: bool  # what preprocessor_config.json says of it

    def load(self):
        """A fresh copy, in evaluation mode; every dropout is 0."""
        return load_classifier(self.path)


def load_classifier(path):
    """The model of a folder with a classification head, in evaluation mode."""
    return CLASSES[model_type_of(path)].from_pretrained(path, attn_implementation="eager").eval()


def load_ctc(path, **config):
    """The model of a folder with a CTC head, in evaluation mode; the loss is the one that `sure` trains on."""
    loss = {"ctc_loss_reduction": "mean", "ctc_zero_infinity": True}
    classes = CTC_CLASSES[model_type_of(path)]
    return classes.from_pretrained(path, attn_implementation="eager", **loss, **config).eval()


def add_ctc_head(tiny, tokens):
    """The backbone of a tiny model below a random CTC head for these tokens."""
    blank = next(number for number, token in enumerate(tokens) if token in ("<pad>", "[PAD]"))
    model = load_ctc(tiny.path, vocab_size=len(tokens), pad_token_id=blank)
    randomise(model.lm_head, seed=len(tokens))
    model.lm_head.bias.data[blank] -= 2.0  # so that texts are not empty
    return model


def load_x_vector(tiny):
    """The backbone of a tiny model below a random x-vector head, in evaluation mode."""
    classes = X_VECTOR_CLASSES[tiny.model_type]
    model = classes.from_pretrained(tiny.path, attn_implementation="eager", ignore_mismatched_sizes=True)
    for part, module in model.named_children():
        if part != model.base_model_prefix:
            randomise(module, seed=len(part))
    return model.eval()


def model_type_of(path):
    return json.loads((Path(path) / "config.json").read_text())["model_type"]


def write_preprocessor(folder, attention_mask):
    config = {
        "feature_extractor_type": "Wav2Vec2FeatureExtractor",
        "feature_size": 1,
        "sampling_rate": 16000,
        "padding_value": 0.0,
        "do_normalize": True,
        "return_attention_mask": attention_mask,
    }
    (Path(folder) / "preprocessor_config.json").write_text(json.dumps(config))


@torch.no_grad()
def randomise(module, seed):
    """Weights that let every tensor matter: biases and norms are not what they start as, attention is not flat."""
    generator = torch.Generator().manual_seed(seed)
    for name, value in module.named_parameters():
        if name.endswith("original0"):  # gain of the weight norm: set with its direction, below
            continue
        noise = torch.randn(value.shape, generator=generator)
        if value.dim() > 1:
            value.copy_(noise * math.sqrt(1.5 / value[0].numel()))
        else:
            value.copy_(0.2 * noise + (1.0 if "norm" in name and name.endswith("weight") else 0.0))
    for name, value in module.named_parameters():
        if name.endswith("original0"):
            direction = module.get_parameter(name[:-1] + "1")
            length = direction.norm(dim=(0, 1), keepdim=True)
            value.copy_(length * (1 + 0.2 * torch.randn(value.shape, generator=generator)))
    for name, value in module.named_buffers():
        if name.endswith("running_mean"):
            value.copy_(0.3 * torch.randn(value.shape, generator=generator))
        if name.endswith("running_var"):
            value.copy_(0.5 + torch.rand(value.shape, generator=generator))


def make_tiny_model(shape, folder, attention_mask=None, **config):
    """Writes a model of this shape into `folder`. `attention_mask`: as published, True for layer-norm front-ends."""
    model_type, options = SHAPES[shape]
    model = CLASSES[model_type](_CONFIGS[model_type](**(_COMMON | options | config)))
    randomise(model, seed=zlib.crc32(shape.encode()))
    model.save_pretrained(folder)
    if attention_mask is None:
        attention_mask = options.get("feat_extract_norm", "layer") == "layer"
    write_preprocessor(folder, attention_mask)
    return TinyModel(Path(folder), model_type, attention_mask)


def make_tiny_ctc(tiny, folder, tokens):
    """The backbone of a tiny model below a random CTC head for these tokens, with the files of its tokenizer."""
    folder = Path(folder)
    blank = next(token for token in ("<pad>", "[PAD]") if token in tokens)
    unknown = next(token for token in ("<unk>", "[UNK]") if token in tokens)
    add_ctc_head(tiny, tokens).save_pretrained(folder)
    write_preprocessor(folder, tiny.attention_mask)
    (folder / "vocab.json").write_text(json.dumps({token: number for number, token in enumerate(tokens)}))
    sentence = {"bos_token": None, "eos_token": None} if "<s>" not in tokens else {}
    tokenizer = Wav2Vec2CTCTokenizer(folder / "vocab.json", pad_token=blank, unk_token=unknown, **sentence)
    assert len(tokenizer) == len(tokens)
    tokenizer.save_pretrained(folder)
    return TinyModel(folder, tiny.model_type, tiny.attention_mask)


def make_tiny_speecht5(folder, **config):
    """A SpeechT5ForTextToSpeech with random weights, its characters and a vocoder in `folder`/vocoder; no dropout but the
    one that is always on. Returns the model."""
    shape = dict(
        vocab_size=81,
        hidden_size=32,
        encoder_layers=2,
        encoder_attention_heads=4,
        encoder_ffn_dim=48,
        decoder_layers=2,
        decoder_attention_heads=4,
        decoder_ffn_dim=40,
        num_mel_bins=80,
        speech_decoder_prenet_units=24,
        speech_decoder_postnet_layers=3,
        speech_decoder_postnet_units=20,
        speaker_embedding_dim=16,
        encoder_max_relative_position=6,
        conv_dim=(8,),
        conv_kernel=(10,),
        conv_stride=(5,),
        num_conv_pos_embeddings=4,
        num_conv_pos_embedding_groups=2,
        positional_dropout=0.0,
        hidden_dropout=0.0,
        attention_dropout=0.0,
        activation_dropout=0.0,
        speech_decoder_postnet_dropout=0.0,
        guided_attention_loss_num_heads=2,
    )
    model = transformers.SpeechT5ForTextToSpeech(transformers.SpeechT5Config(**(shape | config)))
    randomise(model, seed=5)
    model.save_pretrained(folder)
    folder = Path(folder)
    write_character_model(folder / "spm_char.model")
    vocoder_config = transformers.SpeechT5HifiGanConfig(
        upsample_rates=[8, 8, 4],
        upsample_kernel_sizes=[16, 16, 8],
        upsample_initial_channel=16,
        resblock_kernel_sizes=[3],
        resblock_dilation_sizes=[[1, 3]],
    )
    vocoder = transformers.SpeechT5HifiGan(vocoder_config)
    randomise(vocoder, seed=6)
    vocoder.save_pretrained(folder / "vocoder")
    return model.eval()


def write_character_model(path):
    """A SentencePiece model of single characters, in the order of SpeechT5's special ones."""
    import sentencepiece

    lines = [
        "the quick brown fox jumps over the lazy dog",
        "The Five Boxing Wizards Jump Quickly.",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "don't, won't! can't? yes; no: maybe-so",
    ]
    with open(path, "wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines * 5),
            model_writer=file,
            model_type="char",
            vocab_size=64,
            hard_vocab_limit=False,
            bos_id=0,
            pad_id=1,
            eos_id=2,
            unk_id=3,
            character_coverage=1.0,
            minloglevel=2,
        )
