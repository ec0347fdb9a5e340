"""Recognition from the command line: training, decoding, times, and what is wrong with transcripts and decoders."""

import json
import math

import pytest

from cli.conftest import check_refused, write_tone

WORDS = {"high": 1500.0, "low": 200.0}
SHORT = ["--num_train_epochs", 1, "--per_device_train_batch_size", 2, "--method", "conv_adapter"]


def write_manifest(folder, texts, seconds=1.0, name="clips.jsonl"):
    """A clip for each text, of which the last two are for validation and test."""
    rows = []
    for index, text in enumerate(texts):
        write_tone(folder / f"{index}.wav", list(WORDS.values())[index % 2], seconds)
        split = {len(texts) - 2: "valid", len(texts) - 1: "test"}.get(index, "train")
        rows.append(json.dumps({"path": f"{index}.wav", "text": text, "split": split}))
    (folder / name).write_text("\n".join(rows) + "\n")
    return folder / name


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    return write_manifest(tmp_path_factory.mktemp("texts"), ["High, low!", "low", "high", "low low", "Größe", "high"])


@pytest.fixture(scope="module")
def asr(sure, manifest, tmp_path_factory):
    """An adapter that has seen a few steps."""
    output = tmp_path_factory.mktemp("asr") / "run"
    sure("train", "--dataset", "manifest", "--data_dir", manifest, "--task", "asr", "--output_dir", output, *SHORT)
    return output / "best_model"


def test_vocabulary_comes_from_the_normalised_training_texts(asr):
    labels = json.loads((asr / "adapter.json").read_text())["labels"]
    assert labels == ["<pad>", "<unk>", "|", *sorted(set("highlow"))]


def test_original_schedule_and_metric(asr):
    config = json.loads((asr.parent / "config.json").read_text())
    assert config["lr_scheduler_type"] == "three_phase" and config["metric_for_best_model"] == "wer"
    results = json.loads((asr.parent / "results.json").read_text())
    assert {"wer", "cer", "loss"} <= set(results["test"]["metrics"])
    assert results["test"]["transcripts"][0]["reference"] == "high"


def test_predict_gives_words_with_times(sure, asr, manifest):
    out = sure("predict", "--adapter", asr, "--format", "jsonl", manifest.parent / "0.wav").stdout
    prediction = json.loads(out)
    assert prediction["text"] == " ".join(word["word"] for word in prediction["words"])
    ends = [0.0] + [word["end"] for word in prediction["words"]]
    assert all(start["start"] >= end for start, end in zip(prediction["words"], ends))
    assert "tokens" not in prediction


def test_predict_gives_tokens_with_times_on_request(sure, asr, manifest):
    flags = ["--format", "jsonl", "--token_times", "True"]
    prediction = json.loads(sure("predict", "--adapter", asr, *flags, manifest.parent / "0.wav").stdout)
    letters = "".join(token["token"] for token in prediction["tokens"])
    assert letters.replace("|", " ").split() == prediction["text"].split()
    for word in prediction["words"]:
        starts = [token["start"] for token in prediction["tokens"]]
        assert word["start"] in starts


def test_a_lexicon_confines_the_beam(sure, asr, manifest, tmp_path):
    (tmp_path / "words.txt").write_text("low\nhigh\n")
    flags = ["--decoder", "beam", "--decoder_lexicon", tmp_path / "words.txt"]
    out = sure("predict", "--adapter", asr, *flags, "--format", "jsonl", manifest.parent).stdout
    for line in out.splitlines():
        assert set(json.loads(line)["text"].split()) <= set(WORDS)


def test_bootstrap_gives_intervals(sure, asr, manifest):
    common = ["--adapter", asr, "--dataset", "manifest", "--data_dir", manifest, "--split", "train"]
    results = json.loads(sure("evaluate", *common, "--bootstrap", 50, "--json").stdout)
    low, high = results["intervals"]["cer"]
    assert low <= results["metrics"]["cer"] <= high


def test_a_transcript_too_long_for_its_clip_is_counted(sure, tmp_path):
    data = write_manifest(tmp_path, ["a" * 200, "b", "ab", "a", "b"], seconds=0.5)
    flags = ["--dataset", "manifest", "--data_dir", data, "--task", "asr", "--output_dir", tmp_path / "run"]
    done = sure("train", *flags, *SHORT)
    results = json.loads((tmp_path / "run" / "results.json").read_text())
    assert results["skipped_clips"] == 1 and "no share in the loss" in done.stdout
    assert math.isfinite(results["test"]["metrics"]["loss"])


def test_empty_transcripts_are_left_out(sure, tmp_path):
    data = write_manifest(tmp_path, ["a", "?!", "b", "ab", "a", "b"])
    flags = ["--dataset", "manifest", "--data_dir", data, "--task", "asr", "--output_dir", tmp_path / "run"]
    assert "empty transcript" in sure("train", *flags, *SHORT).stdout


def test_broken_utf8_in_a_transcript(attempt, tmp_path):
    data = write_manifest(tmp_path, ["a", "b", "a", "b"], name="clips.tsv")
    data.write_bytes(b"path\ttext\n0.wav\tcaf\xe9\n")
    done = attempt("train", "--dataset", "manifest", "--data_dir", data, "--task", "asr", "--output_dir", tmp_path / "o")
    check_refused(done, 1, "clips.tsv:2", "UTF-8")


@pytest.mark.parametrize(
    "flags, code, words",
    [
        (["--lm", "lm.arpa"], 2, ["--lm", "--decoder beam"]),
        (["--decoder", "viterbi"], 2, ["viterbi", "greedy, beam"]),
        (["--decoder", "beam", "--lm", "none.arpa"], 1, ["none.arpa"]),
        (["--decoder", "beam", "--lm", "broken.arpa"], 1, ["broken.arpa:1"]),
        (["--decoder", "beam", "--decoder_lexicon", "foreign.txt"], 1, ["foreign.txt:2"]),
        (["--decoder", "beam", "--beam_width", "0"], 2, ["--beam_width"]),
        (["--decoder", "beam", "--beam_width", 10**12], 2, ["--beam_width", "10000"]),
        (["--logits"], 2, ["--logits"]),
    ],
)
def test_what_a_decoder_refuses(attempt, asr, manifest, tmp_path, flags, code, words):
    (tmp_path / "broken.arpa").write_text("hello\n")
    (tmp_path / "foreign.txt").write_text("low\nкот\n")
    check_refused(attempt("predict", "--adapter", asr, *flags, manifest.parent / "0.wav", cwd=tmp_path), code, *words)


@pytest.mark.parametrize(
    "flags, code, words",
    [
        (["--task", "phoneme"], 2, ["--lexicon"]),
        (["--task", "phoneme", "--lexicon", "broken.dict"], 1, ["broken.dict:2"]),
        (["--task", "asr", "--vocab", "none.json"], 1, ["none.json"]),
        (["--task", "asr", "--vocab", "no_blank.json"], 1, ["no_blank.json", "<pad>"]),
        (["--task", "asr", "--batch_seconds", "20", "--padding", "max_length", "--max_samples", "16000"], 2, ["--padding"]),
        (["--task", "verification"], 1, ["speaker"]),
        (["--task", "slot"], 2, ["--task slot", "no training transcript has a slot"]),
    ],
)
def test_what_training_refuses(attempt, manifest, tmp_path, flags, code, words):
    (tmp_path / "broken.dict").write_text("low  L OW1\nhigh  HH QQ\n")
    (tmp_path / "no_blank.json").write_text('{"a": 0, "|": 1}')
    common = ["train", "--dataset", "manifest", "--data_dir", manifest, "--output_dir", tmp_path / "out"]
    check_refused(attempt(*common, *flags, cwd=tmp_path), code, *words)
