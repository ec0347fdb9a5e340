"""Voices: training on some speakers, trials of others, embeddings for other programs."""

import itertools
import json
import shutil

import numpy
import pytest

from cli.conftest import check_refused, write_tone

SPEAKERS = {"train": {"s1": 200.0, "s2": 1500.0}, "valid": {"s3": 300.0, "s4": 900.0}, "test": {"s5": 450, "s6": 2500}}
SHORT_RUN = ["--model", "random-tiny", "--task", "verification", "--max_steps", 3, "--max_samples", 8000]
SHORT_RUN += ["--per_device_train_batch_size", 4]


@pytest.fixture(scope="module")
def voices(tmp_path_factory):
    """The `folder` layout: three half-second tones of each speaker; no speaker is in two parts."""
    root = tmp_path_factory.mktemp("voices")
    for part, speakers in SPEAKERS.items():
        for (speaker, pitch), clip in itertools.product(speakers.items(), range(3)):
            write_tone(root / part / speaker / f"{clip}.wav", pitch * (1 + 0.05 * clip), seconds=0.5)
    return root


@pytest.fixture(scope="module")
def adapter(sure, voices, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "voices"
    sure("train", "--dataset", "folder", "--data_dir", voices, *SHORT_RUN, "--output_dir", folder)
    return folder / "best_model"


def all_pairs(folder):
    """(A, B, whether of one speaker) for the clips below `folder`."""
    clips = sorted(path.relative_to(folder) for path in folder.rglob("*.*"))
    return [(str(a), str(b), a.parent == b.parent) for a, b in itertools.combinations(clips, 2)]


def test_every_pair_has_a_line_of_predictions(sure, adapter, voices, tmp_path):
    written = (adapter.parent / "test_predictions.jsonl").read_text()
    pairs = [json.loads(line) for line in written.splitlines()]
    assert len(pairs) == len(all_pairs(voices / "test"))
    assert all((pair["speaker_1"] == pair["speaker_2"]) == (pair["true"] == "same") for pair in pairs)
    sure("evaluate", "--run", adapter.parent, "--predictions", tmp_path / "p.jsonl")
    assert (tmp_path / "p.jsonl").read_text() == written


def write_trials(path, trials):
    """As VoxCeleb does."""
    path.write_text("".join(f"{int(same)} {a} {b}\n" for a, b, same in trials))
    return path


def test_all_pairs_give_the_metrics_of_evaluate(sure, adapter, voices, tmp_path):
    trials = all_pairs(voices / "test")
    command = ["verify", "--adapter", adapter, "--trials", write_trials(tmp_path / "trials.txt", trials)]
    ours = json.loads(sure(*command, "--data_dir", voices / "test", "--json").stdout)
    data = ["--dataset", "folder", "--data_dir", voices, "--split", "test"]
    whole = json.loads(sure("evaluate", "--adapter", adapter, *data, "--json").stdout)
    assert ours["clips"] == whole["clips"] == 6
    for key in ("target_trials", "non_target_trials"):
        assert ours[key] == whole[key] == sum(same == (key == "target_trials") for *_, same in trials)
    for metric in ("eer", "min_dcf"):
        assert ours["metrics"][metric] == pytest.approx(whole["metrics"][metric])
    assert ours["eer_threshold"] == pytest.approx(whole["eer_threshold"], abs=1e-5)
    assert [(row["first"], row["second"], row["label"] == "target") for row in ours["scores"]] == trials


def test_scores_are_cosines_of_the_embeddings(sure, adapter, voices, tmp_path):
    trials = all_pairs(voices / "test")
    write_trials(tmp_path / "trials.txt", trials)
    command = ["verify", "--adapter", adapter, "--trials", tmp_path / "trials.txt", "--data_dir", voices / "test"]
    text = sure(*command, "--output", tmp_path / "scores.txt", "--embeddings", tmp_path / "voices.npy").stdout
    assert "6 target and 9 non-target trials" in text and "eer" in text and "min_dcf" in text
    embeddings = numpy.load(tmp_path / "voices.npy")
    names = (tmp_path / "voices.txt").read_text().splitlines()
    assert embeddings.dtype == numpy.float32 and embeddings.shape == (len(names), 128) and len(set(names)) == 6
    assert numpy.linalg.norm(embeddings, axis=1) == pytest.approx(1, abs=1e-5)
    by_name = dict(zip(names, embeddings))
    lines = [line.split("\t") for line in (tmp_path / "scores.txt").read_text().splitlines()]
    assert [(a, b, label == "target") for a, b, _, label in lines] == trials
    for a, b, score, _ in lines:
        assert float(score) == pytest.approx(float(by_name[a] @ by_name[b]), abs=1e-5)


def test_embeddings_in_a_folder(sure, adapter, voices, tmp_path):
    trials = write_trials(tmp_path / "trials.txt", all_pairs(voices / "test"))
    command = ["verify", "--adapter", adapter, "--trials", trials, "--data_dir", voices / "test"]
    sure(*command, "--embeddings", tmp_path / "deep" / "er")
    files = sorted(path.name for path in (tmp_path / "deep" / "er").iterdir())
    assert files == ["embeddings.npy", "embeddings.txt"]


def test_without_labels_there_are_scores_only(sure, adapter, voices, tmp_path):
    pairs = [(voices / "test" / a, voices / "test" / b) for a, b, _ in all_pairs(voices / "test")]
    (tmp_path / "trials.txt").write_text("".join(f"{a} {b}\n" for a, b in pairs))
    command = ["verify", "--adapter", adapter, "--trials", tmp_path / "trials.txt"]
    lines = [line.split("\t") for line in sure(*command).stdout.splitlines()]
    assert [(a, b) for a, b, _ in lines] == [(str(a), str(b)) for a, b in pairs]
    ours = json.loads(sure(*command, "--json").stdout)
    assert "metrics" not in ours
    assert [row["score"] for row in ours["scores"]] == pytest.approx([float(s) for *_, s in lines], abs=1e-5)


def test_labels_behind_the_clips(sure, adapter, voices, tmp_path):
    trials = all_pairs(voices / "test")
    (tmp_path / "trials.txt").write_text("".join(f"{a} {b} {'target' if s else 'nontarget'}\n" for a, b, s in trials))
    arguments = ["--adapter", adapter, "--data_dir", voices / "test", "--json"]
    last = sure("verify", *arguments, "--trials", tmp_path / "trials.txt").stdout
    assert last == sure("verify", *arguments, "--trials", write_trials(tmp_path / "first.txt", trials)).stdout


def test_missing_clip(attempt, adapter, voices, tmp_path):
    (tmp_path / "trials.txt").write_text("1 s5/0.wav s5/1.wav\n0 s5/0.wav s6/none.wav\n")
    command = ["verify", "--adapter", adapter, "--trials", tmp_path / "trials.txt", "--data_dir", voices / "test"]
    check_refused(attempt(*command), 1, "trials.txt:2", "s6/none.wav", "--data_dir")


def test_a_bad_clip_costs_its_trials_only(sure, attempt, adapter, voices, tmp_path):
    shutil.copytree(voices / "test", tmp_path / "test")
    (tmp_path / "test" / "s5" / "bad.wav").write_text("no audio")
    good, bad = "1 s5/0.wav s5/1.wav\n0 s5/0.wav s6/0.wav\n", "1 s5/bad.wav s5/1.wav\n"
    outputs = []
    for run, trials in ((sure, good), (attempt, bad + good)):
        (tmp_path / "trials.txt").write_text(trials)
        command = ["verify", "--adapter", adapter, "--trials", tmp_path / "trials.txt", "--data_dir", tmp_path / "test"]
        outputs.append(run(*command))
    assert outputs[0].stdout == outputs[1].stdout and outputs[1].returncode == 1
    errors = outputs[1].stderr.splitlines()
    assert "s5/bad.wav" in errors[0] and any("1 of 3 trials left out" in line for line in errors)


def test_adapter_of_another_task(attempt, lora, voices, tmp_path):
    trials = write_trials(tmp_path / "trials.txt", all_pairs(voices / "test"))
    command = ["verify", "--adapter", lora / "best_model", "--trials", trials, "--data_dir", voices / "test"]
    check_refused(attempt(*command), 2, "classify", "--task verification")


def test_real_voices(sure, shared_data, tmp_path):
    """Two speakers of VCTK in training; the trials are of the other two."""
    clips = sorted((shared_data / "VCTK-Corpus" / "wav16").rglob("*.flac"))
    parts = {"p225": "train", "p226": "train", "p227": "valid", "p228": "valid"}
    rows = [(clip, clip.parent.name, parts[clip.parent.name]) for clip in clips]
    (tmp_path / "clips.csv").write_text("path,speaker,split\n" + "".join(f"{a},{b},{c}\n" for a, b, c in rows))
    data = ["--dataset", "manifest", "--data_dir", tmp_path / "clips.csv"]
    sure("train", *data, *SHORT_RUN, "--output_dir", tmp_path / "run")
    held_out = [(clip, speaker) for clip, speaker, part in rows if part == "valid"]
    trials = [(a, b, s == t) for (a, s), (b, t) in itertools.combinations(held_out, 2)]
    command = ["verify", "--adapter", tmp_path / "run" / "best_model"]
    command += ["--trials", write_trials(tmp_path / "trials.txt", trials)]
    ours = json.loads(sure(*command, "--json").stdout)
    trained = json.loads((tmp_path / "run" / "results.json").read_text())["valid"]
    assert ours["metrics"]["eer"] == pytest.approx(trained["metrics"]["eer"])
    assert (ours["target_trials"], ours["non_target_trials"]) == (90, 100)
