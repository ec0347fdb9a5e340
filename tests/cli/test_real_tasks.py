"""Every task learns something from real recordings: the Free Spoken Digit Dataset, alone or several takes in a row,
emodb, and for voices other corpora too. The backbone starts from random weights and all of it trains (finetune), for a
minute at most, so the results are poor; but each is far from chance, which is stated."""

import csv
import json
import random
from collections import defaultdict

import numpy
import pytest
import soundfile
import torch
from transformers import Wav2Vec2Config, Wav2Vec2Model

from tiny_models import make_tiny_speecht5, write_preprocessor

DIGITS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
SPEAKER = "jackson"
FINETUNE = ["--model", "random-tiny", "--method", "finetune", "--evaluation_strategy", "no", "--save_strategy", "no"]
FINETUNE += ["--device", "cpu"]


@pytest.fixture(scope="module")
def fsdd(shared_data):
    return shared_data / "fsdd"


@pytest.fixture
def learn(sure, tmp_path):
    """learn(task, dataset, folder, FLAGS…): trains, and returns the metrics on the test split."""

    def run(task, dataset, data_dir, *flags):
        common = ["--dataset", dataset, "--data_dir", data_dir, "--task", task, "--output_dir", tmp_path / "out"]
        sure("train", *common, *FINETUNE, *flags)
        return json.loads((tmp_path / "out" / "results.json").read_text())["test"]["metrics"]

    return run


def takes_in_a_row(fsdd, folder, count, sentence, seed=0):
    """`count` clips, each three digits of SPEAKER one after another; a manifest whose columns are those of
    sentence(digits), and a split by take: 0 and 1 are for testing."""
    draw = random.Random(seed)
    rows = []
    for index in range(count):
        split = "test" if index % 8 == 0 else "train"
        digits = [draw.randrange(10) for _ in range(3)]
        takes = range(2) if split == "test" else range(2, 50)
        files = [fsdd / "recordings" / f"{digit}_{SPEAKER}_{draw.choice(takes)}.flac" for digit in digits]
        pieces = [soundfile.read(file, dtype="float32") for file in files]
        path = folder / f"{index}.wav"
        soundfile.write(path, numpy.concatenate([samples for samples, _ in pieces]), pieces[0][1])
        rows.append({"path": path.name, "split": split} | sentence(digits))
    with open(folder / "clips.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return folder / "clips.csv"


def test_keyword(learn, fsdd):
    metrics = learn("keyword", "fsdd", fsdd, "--max_samples", 8000, "--num_train_epochs", 3, "--learning_rate", 5e-4)
    assert metrics["accuracy"] > 0.3  # chance: 0.1


def test_speaker(learn, fsdd):
    flags = ["--max_samples", 8000, "--num_train_epochs", 3, "--learning_rate", 5e-4]
    assert learn("speaker", "fsdd", fsdd, *flags)["accuracy"] > 0.6  # chance: 0.2


def test_emotion(learn, shared_data, tmp_path):
    """Anger against the calm emotions, of two speakers in turn."""
    clips = sorted((shared_data / "emodb" / "wav").glob("*"))
    kinds = {"W": "aroused", "A": "aroused", "F": "aroused", "L": "calm", "T": "calm", "N": "calm"}
    rows = ["path,label,split"]
    for index, clip in enumerate(clip for clip in clips if clip.stem[5] in kinds):
        rows.append(f"{clip},{kinds[clip.stem[5]]},{'test' if index % 4 == 0 else 'train'}")
    (tmp_path / "clips.csv").write_text("\n".join(rows))
    flags = ["--num_train_epochs", 20, "--learning_rate", 5e-4, "--per_device_train_batch_size", 8]
    assert learn("emotion", "manifest", tmp_path / "clips.csv", *flags)["accuracy"] > 0.7  # chance: 0.5


def test_intent(learn, fsdd, tmp_path):
    """A digit each for action, object and location; all three must be right."""

    def intent(digits):
        digits[:] = [digits[0] % 2, 2 + digits[1] % 2, 6 + digits[2] % 2]
        return dict(zip(("action", "object", "location"), (DIGITS[digit] for digit in digits)))

    data = takes_in_a_row(fsdd, tmp_path, 640, intent)
    flags = ["--max_samples", 32000, "--num_train_epochs", 8, "--learning_rate", 1e-3]
    metrics = learn("intent", "manifest", data, *flags, "--per_device_train_batch_size", 16)
    assert metrics["accuracy"] > 0.2  # chance: 1 / 8


def test_slot(learn, fsdd, tmp_path):
    """Every digit is a slot's value; whether it is below five says which slot."""
    rows = ["path,text,split"]
    for clip in sorted((fsdd / "recordings").glob("*.flac")):
        digit, _, take = clip.stem.split("_")
        slot = "low" if int(digit) < 5 else "high"
        rows.append(f"{clip},B-{slot} {DIGITS[int(digit)]} E-{slot},{'test' if int(take) < 5 else 'train'}")
    (tmp_path / "clips.csv").write_text("\n".join(rows))
    flags = ["--num_train_epochs", 5, "--learning_rate", 1e-3, "--per_device_train_batch_size", 16]
    metrics = learn("slot", "manifest", tmp_path / "clips.csv", *flags)
    assert metrics["slot_type_f1"] > 0.6  # chance: 0.5
    assert metrics["slot_value_cer"] < 0.85  # chance: about 1


def test_asr(learn, sure, fsdd, tmp_path):
    """The beam with a lexicon gains on greedy decoding. Chance: a word error rate of 0.9."""
    flags = ["--num_train_epochs", 5, "--learning_rate", 1e-3, "--per_device_train_batch_size", 16]
    greedy = learn("asr", "fsdd", fsdd, *flags)["wer"]
    assert greedy < 0.85
    (tmp_path / "words.txt").write_text("\n".join(DIGITS))
    beam = ["--decoder", "beam", "--decoder_lexicon", tmp_path / "words.txt", "--json"]
    common = ["--adapter", tmp_path / "out" / "best_model", "--dataset", "fsdd", "--data_dir", fsdd]
    assert json.loads(sure("evaluate", *common, *beam).stdout)["metrics"]["wer"] < greedy - 0.05


def test_phoneme(learn, fsdd, shared_data):
    """Chance: a phoneme error rate of about 0.9 (the likeliest phoneme in every clip)."""
    lexicon = shared_data / "meta" / "cmudict" / "cmudict-en-us.dict"
    flags = ["--lexicon", lexicon, "--num_train_epochs", 4, "--learning_rate", 1e-3]
    assert learn("phoneme", "fsdd", fsdd, *flags, "--per_device_train_batch_size", 16)["per"] < 0.75


SPEAKER_OF = {  # the training corpora of test_verification
    "fsdd": lambda clip: clip.stem.split("_")[1],
    "LibriSpeech": lambda clip: clip.parts[-3],
    "emodb": lambda clip: clip.stem[:2],
    "speech_commands_v0.01": lambda clip: clip.stem.split("_nohash_")[0],
}


def clips_of_voices(shared_data):
    """Speaker to clips; speakers of a few words only are left out."""
    voices = defaultdict(list)
    for corpus, speaker_of in SPEAKER_OF.items():
        for clip in sorted((shared_data / corpus).rglob("*.flac")):
            voices[corpus + speaker_of(clip)].append(clip)
    return {speaker: clips for speaker, clips in voices.items() if len(clips) >= 5}


def pieces_of_voice(clips, seconds, seed=0):
    """The clips of a speaker one after another in random order, cut into pieces of like length, and their rate."""
    clips = random.Random(seed).sample(clips, len(clips))
    samples, rates = zip(*(soundfile.read(clip, dtype="float32") for clip in clips))
    joined = numpy.concatenate(samples)
    return numpy.array_split(joined, max(1, round(len(joined) / rates[0] / seconds))), rates[0]


def random_wide_window_model(folder):
    """A random backbone whose front-end is one convolution over 25 ms: verification keeps it frozen, and seven short
    random ones, as random-tiny has, leave too little of a voice."""
    front_end = dict(conv_dim=(256,), conv_kernel=(400,), conv_stride=(160,), conv_bias=True, feat_extract_norm="layer")
    encoder = dict(hidden_size=128, num_hidden_layers=1, num_attention_heads=4, intermediate_size=512)
    position = dict(num_conv_pos_embeddings=32, num_conv_pos_embedding_groups=8, do_stable_layer_norm=True)
    head = dict(tdnn_dim=(128, 128, 128, 128, 256), xvector_output_dim=128)
    torch.manual_seed(0)
    Wav2Vec2Model(Wav2Vec2Config(**front_end, **encoder, **position, **head)).save_pretrained(folder)
    write_preprocessor(folder, attention_mask=True)
    return folder


def test_verification(learn, shared_data, tmp_path):
    """The four speakers of VCTK, of both sexes, against each other: all 780 pairs of 40 recordings. Nobody and nothing
    of VCTK is in training, so neither voice nor channel was heard. Chance: an equal error rate of 0.5; before training
    it is 0.32 to 0.40, after it 0.23 to 0.29 (four seeds)."""
    rows = ["path,speaker,split"]
    for clip in sorted((shared_data / "VCTK-Corpus").rglob("*.flac")):
        rows.append(f"{clip},{clip.parent.name},test")
    for speaker, clips in clips_of_voices(shared_data).items():
        pieces, rate = pieces_of_voice(clips, seconds=4)
        for index, piece in enumerate(pieces):
            path = tmp_path / f"{speaker}_{index}.wav"
            soundfile.write(path, piece, rate)
            rows.append(f"{path},{speaker},train")
    (tmp_path / "clips.csv").write_text("\n".join(rows))
    flags = ["--model", random_wide_window_model(tmp_path / "model"), "--dropout", 0, "--layerdrop", 0]
    flags += ["--num_train_epochs", 8, "--learning_rate", 3e-4, "--padding", "longest"]
    assert learn("verification", "manifest", tmp_path / "clips.csv", *flags)["eer"] < 0.3


def test_speech(sure, shared_data, tmp_path):
    """All of a model of random weights learns four readers of VCTK: the loss on sentences that it never heard falls."""
    make_tiny_speecht5(tmp_path / "model")
    numpy.save(tmp_path / "voice.npy", numpy.random.default_rng(1).standard_normal(16).astype("float32"))
    losses = []
    for steps in (1, 60):
        sure("train", "--task", "tts", "--model", tmp_path / "model", "--dataset", "vctk", "--data_dir",
             shared_data / "VCTK-Corpus", "--allow_missing", "True", "--speaker", tmp_path / "voice.npy", "--method",
             "finetune", "--learning_rate", 3e-3, "--per_device_train_batch_size", 4, "--max_steps", steps,
             "--evaluation_strategy", "no", "--save_strategy", "no", "--output_dir", tmp_path / str(steps))
        losses.append(json.loads((tmp_path / str(steps) / "results.json").read_text())["test"]["metrics"]["loss"])
    assert losses[1] < 0.8 * losses[0]
