"""A model made from recordings alone: two rounds, going on after a kill, and what is refused."""

import json
import signal
import subprocess
import time

import pytest

from cli.conftest import check_refused, write_tone

SHAPE = ["--hidden_size", 32, "--num_hidden_layers", 2, "--num_attention_heads", 2, "--intermediate_size", 48,
         "--conv_dim", "16,16,16,16,16,16", "--num_conv_pos_embeddings", 8, "--num_conv_pos_embedding_groups", 4]
FAST = ["--clusters", 6, "--batch_seconds", 3, "--final_dim", 16, "--save_steps", 2, "--eval_steps", 5]


@pytest.fixture(scope="module")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    for speaker in ("ann", "bob"):
        for index in range(6):
            write_tone(folder / speaker / f"{index}.wav", 150.0 * (index + 1), seconds=0.4 + 0.1 * index)
    return folder


@pytest.fixture(scope="module")
def on_clips(clips):
    return ["pretrain", "--audio", clips, *SHAPE, *FAST]


@pytest.fixture(scope="module")
def first_round(sure, on_clips, clips, tmp_path_factory):
    folder = tmp_path_factory.mktemp("first")
    labels = clips / "labels.tsv"
    labels.write_text("path\tlabel\n" + "".join(f"{p.relative_to(clips)}\t{p.stem}\n" for p in clips.glob("*/*.wav")))
    done = sure(*on_clips, "--max_steps", 6, "--labels", labels, "--output_dir", folder)
    return folder, done.stdout


def test_says_what_it_does(first_round):
    folder, text = first_round
    for words in ("12 clips", "6 clusters of MFCC", "a guess by frequency has loss", "PNMI", "step 6/6", " left",
                  "validation", f"model: {folder / 'model'}"):
        assert words in text, text
    results = json.loads((folder / "results.json").read_text())
    assert results["steps"] == 6 and results["clips"] == 12 and results["parameters"] > 1000
    assert 0 <= results["targets"]["pnmi"] <= 1 and set(results["validation"]) == {"loss", "accuracy"}
    assert list((folder / "log").glob("events*"))


def test_second_round_and_adapters_take_the_model(sure, on_clips, on_tones, first_round, tmp_path):
    model = first_round[0] / "model"
    second = tmp_path / "second"
    text = sure(*on_clips, "--max_steps", 3, "--teacher", model, "--bf16", "True", "--output_dir", second).stdout
    assert "6 clusters of layer 1 of" in text
    out = sure("train", *on_tones, "--model", second / "model", "--method", "lora", "--max_steps", 2, "--output_dir",
               tmp_path / "adapted").stdout
    assert "step 2/2" in out and "random weights" not in out


def test_config_repeats_a_run(sure, first_round, tmp_path):
    sure("pretrain", "--config", first_round[0] / "config.json", "--output_dir", tmp_path)
    for file in ("targets.safetensors", "model/model.safetensors"):
        assert (tmp_path / file).read_bytes() == (first_round[0] / file).read_bytes()


def test_exclude_keeps_a_speaker_out(sure, on_clips, tmp_path):
    (tmp_path / "out.txt").write_text("bob/\nnobody\n")
    text = sure(*on_clips, "--max_steps", 1, "--exclude", tmp_path / "out.txt", "--output_dir", tmp_path / "run").stdout
    assert "6 clips stay out" in text and "6 clips, " in text and "nobody" in text


def test_killed_run_goes_on_as_if_never_stopped(sure, sure_path, on_clips, tmp_path):
    run = [*on_clips, "--max_steps", 30, "--noise_prob", 0.5]
    sure(*run, "--output_dir", tmp_path / "whole")
    process = subprocess.Popen(list(map(str, [sure_path, *run, "--output_dir", tmp_path / "killed"])),
                               stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not list((tmp_path / "killed").glob("checkpoint-[68]")) and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    assert process.wait() == -signal.SIGKILL, "the run ended before it could be killed"
    assert "resumed from" in sure(*run, "--output_dir", tmp_path / "killed", "--resume", "latest").stdout
    for file in ("model/model", "checkpoint-30/weights", "checkpoint-30/optimizer"):
        ours, theirs = (tmp_path / name / f"{file}.safetensors" for name in ("killed", "whole"))
        assert ours.read_bytes() == theirs.read_bytes(), file


def test_earlier_results_are_not_overwritten_by_accident(attempt, sure, on_clips, tmp_path):
    run = [*on_clips, "--max_steps", 1, "--output_dir", tmp_path]
    sure(*run)
    check_refused(attempt(*run), 2, "--resume latest", "--overwrite_output_dir")
    text = sure(*run, "--overwrite_output_dir", "--learning_rate", 1e-3).stdout
    assert "k-means" not in text, "targets of the same clips and flags are kept"


@pytest.mark.parametrize("flags, code, words", [
    (["--audio", "nowhere"], 1, ["nowhere"]),
    ([], 2, ["--audio"]),
    (["--audio", "CLIPS", "--hidden_size", "0"], 1, ["hidden_size"]),
    (["--audio", "CLIPS", "--conv_kernel", "10,3"], 1, ["conv_kernel"]),
    (["--audio", "CLIPS", "--mask_prob", "2"], 2, ["--mask_prob", "0.001 to 1"]),
    (["--audio", "CLIPS", "--exclude", "nowhere.txt"], 1, ["nowhere.txt"]),
    (["--audio", "CLIPS", "--teacher", "nowhere"], 1, ["nowhere"]),
    (["--audio", "CLIPS", "--labels", "nowhere.tsv", *SHAPE, *FAST], 1, ["nowhere.tsv"]),
    (["--audio", "CLIPS", "--min_seconds", "30"], 1, ["no clip is left"]),
    (["--audio", "CLIPS", "--init_from", "nowhere"], 1, ["nowhere"]),
    (["--audio", "CLIPS", "--maxsteps", "3"], 2, ["--max_steps"]),
])
def test_bad_input_is_refused_in_a_line(attempt, clips, tmp_path, flags, code, words):
    flags = [clips if flag == "CLIPS" else flag for flag in flags]
    check_refused(attempt("pretrain", *flags, "--output_dir", tmp_path / "out"), code, *words)
    if flags in ([], ["--audio", "nowhere"]):  # nothing that another run would have to make way for
        assert not (tmp_path / "out").exists()
