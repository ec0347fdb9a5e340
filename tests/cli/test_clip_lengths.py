"""What of a clip is heard: all of it, except where the benchmark took less; said with numbers."""

import json

import pytest
import soundfile

from cli.conftest import RATE, write_tone

CUT = 40000  # samples, 2.5 s: the original's


@pytest.fixture(scope="module")
def late(tmp_path_factory):
    """The `folder` layout: clips of 3 s, which only their last half second tells apart; one of a second."""
    root = tmp_path_factory.mktemp("late")
    for label, pitch in (("high", 1500.0), ("low", 200.0)):
        for part, clips in (("train", 4), ("valid", 1), ("test", 1)):
            for clip in range(clips):
                path = write_tone(root / part / label / f"{part}{clip}.wav", 600.0, seconds=3)
                samples, _ = soundfile.read(path, dtype="float32")
                end, _ = soundfile.read(write_tone(root / "tail.wav", pitch, seconds=0.5), dtype="float32")
                samples[-end.size :] = end
                soundfile.write(path, samples, RATE)
    (root / "tail.wav").unlink()
    write_tone(root / "train" / "low" / "short.wav", 200.0, seconds=1)
    return root


def run(sure, folder, data, *flags, dataset="folder"):
    """What a run of one step printed, and the options that it left in config.json and adapter.json."""
    arguments = ["--dataset", dataset, "--data_dir", data, "--max_steps", 1, "--output_dir", folder]
    shown = sure("train", *arguments, "--method", "head", "--per_device_train_batch_size", 2, *flags).stdout
    config = json.loads((folder / "config.json").read_text())
    adapter = json.loads((folder / "best_model" / "adapter.json").read_text())["model"]
    lengths = [(options["max_samples"], options["padding"]) for options in (config, adapter)]
    assert lengths[0] == lengths[1]
    return shown, lengths[0]


def test_folders_of_ones_own_are_heard_whole(sure, late, tmp_path):
    shown, lengths = run(sure, tmp_path, late)
    assert lengths == (0, "exact")
    assert "cut to" not in shown and "padded to" not in shown


def test_what_is_cut_is_said_with_numbers(sure, late, tmp_path):
    shown, lengths = run(sure, tmp_path / "cut", late, "--max_samples", CUT)
    assert lengths == (CUT, "exact")
    assert shown.count("cut to 2.5 s: 12 of 13 clips are longer") == 1
    shown, lengths = run(sure, tmp_path / "padded", late, "--max_samples", CUT, "--padding", "max_length")
    assert lengths == (CUT, "max_length")
    assert "padded to 2.5 s: 1 of 13 clips is shorter" in shown


def test_the_benchmarks_corpora_keep_its_lengths_and_say_so(sure, esd, tmp_path):
    shown, lengths = run(sure, tmp_path / "as_it_is", esd, dataset="esd")
    assert lengths == (CUT, "max_length")
    assert "40000 samples, as in the benchmark" in shown
    assert "padded to 2.5 s: 40 of 40 clips are shorter" in shown
    shown, lengths = run(sure, tmp_path / "whole", esd, "--max_samples", 0, dataset="esd")
    assert lengths == (0, "exact") and "as in the benchmark" not in shown


def test_an_evaluated_clip_does_not_depend_on_its_batch(sure, late, tmp_path):
    run(sure, tmp_path, late)
    command = ["evaluate", "--adapter", tmp_path / "best_model", "--dataset", "folder", "--data_dir", late, "--split"]
    command += ["train", "--json", "--per_device_eval_batch_size"]
    alone, together = (json.loads(sure(*command, size).stdout)["metrics"]["loss"] for size in (1, 4))
    assert alone == pytest.approx(together, rel=1e-5)


def test_an_adapter_that_left_its_length_open_still_means_the_tasks(sure, late, tmp_path):
    run(sure, tmp_path, late, "--max_samples", CUT, "--padding", "max_length")
    path = tmp_path / "best_model" / "adapter.json"
    clip = late / "test" / "low" / "test0.wav"
    command = ["predict", "--adapter", tmp_path / "best_model", "--format", "jsonl", "--logits", clip]
    recorded = sure(*command).stdout
    spec = json.loads(path.read_text())
    spec["model"]["max_samples"] = -1
    path.write_text(json.dumps(spec))
    assert sure(*command).stdout == recorded
