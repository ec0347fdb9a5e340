"""`sure train --task tts` on a SpeechT5 of random weights: every method, resume, what it refuses, and
`sure synthesize --adapter`."""

import json
import shutil

import numpy as np
import pytest
import soundfile

from cli.conftest import RATE, check_refused
from tiny_models import make_tiny_speecht5

TEXTS = ["Please call Stella.", "Ask her to bring these things.", "Six spoons of fresh snow peas.", "A rainbow."]


def write_voice(path, seed, seconds=1.5):
    """A hum that wavers, which differs with the seed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    time = np.arange(int(seconds * RATE)) / RATE
    hum = np.sin(2 * np.pi * (100 + 10 * seed) * time + 3 * np.sin(2 * np.pi * 4 * time))
    soundfile.write(path, (0.3 * hum + 0.01 * rng.standard_normal(time.size)).astype("float32"), RATE)


@pytest.fixture(scope="session")
def talker(tmp_path_factory):
    """A model's folder, and voices/ beside it with one of each speaker."""
    folder = tmp_path_factory.mktemp("talker")
    make_tiny_speecht5(folder / "model")
    (folder / "voices").mkdir()
    for seed, speaker in enumerate(("ann", "bob")):
        voice = np.random.default_rng(seed).standard_normal(16).astype("float32")
        np.save(folder / "voices" / f"{speaker}.npy", voice)
    return folder


@pytest.fixture(scope="session")
def spoken(tmp_path_factory):
    """Recordings of two speakers with their texts beside them."""
    root = tmp_path_factory.mktemp("spoken")
    for part, clips in (("train", 3), ("valid", 1), ("test", 1)):
        for number, speaker in enumerate(("ann", "bob")):
            for clip in range(clips):
                path = root / part / speaker / f"{part}{clip}.wav"
                write_voice(path, 10 * number + clip)
                path.with_suffix(".txt").write_text(TEXTS[(clip + number) % len(TEXTS)] + "\n")
    return root


@pytest.fixture(scope="session")
def flags(talker, spoken):
    """Those of a short run, after changes by name."""

    def of(output, **changes):
        usual = {
            "task": "tts",
            "model": talker / "model",
            "dataset": "folder",
            "data_dir": spoken,
            "speaker": talker / "voices",
            "method": "lora",
            "per_device_train_batch_size": 3,
            "evaluation_strategy": "steps",
            "eval_steps": 2,
            "save_strategy": "steps",
            "save_steps": 2,
            "max_steps": 4,
            "output_dir": output,
        }
        pairs = [(f"--{name}", value) for name, value in (usual | changes).items() if value is not None]
        return ["train", *(part for pair in pairs for part in pair)]

    return of


@pytest.fixture(scope="session")
def trained(sure, flags, tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "lora"
    sure(*flags(folder))
    return folder


def results_of(folder):
    return json.loads((folder / "results.json").read_text())


def test_a_run(trained):
    results = results_of(trained)
    assert results["task"] == "tts" and results["steps"] == 4 and results["metric"] == "loss"
    assert results["voices"] == ["ann", "bob"]
    assert np.isfinite(results["valid"]["metrics"]["loss"]) and np.isfinite(results["test"]["metrics"]["loss"])
    assert 0 < results["trained"] < results["total"]
    assert json.loads((trained / "config.json").read_text())["trim_db"] == 0


@pytest.mark.parametrize("method", ["finetune", "bottleneck", "prefix", "conv_adapter", "ia3", "bitfit"])
def test_every_method_learns(sure, flags, tmp_path, method):
    sure(*flags(tmp_path / "run", method=method, max_steps=12, eval_steps=12, save_strategy="no", learning_rate=0.003))
    results = results_of(tmp_path / "run")
    assert results["trained"] > 0 and np.isfinite(results["best_metric"])


def test_head_has_nothing_to_train(attempt, flags, tmp_path):
    check_refused(attempt(*flags(tmp_path / "run", method="head")), 2, "nothing of this model would train")


def test_resume_is_exact(sure, flags, trained, tmp_path):
    sure(*flags(tmp_path / "run"))
    shutil.rmtree(tmp_path / "run" / "checkpoint-4")
    sure(*flags(tmp_path / "run"), "--resume", "latest")
    whole = (trained / "checkpoint-4" / "adapter.safetensors").read_bytes()
    assert (tmp_path / "run" / "checkpoint-4" / "adapter.safetensors").read_bytes() == whole


def test_a_cache_changes_nothing(sure, flags, trained, tmp_path):
    for name in ("first", "second"):  # the second run finds all of them there
        sure(*flags(tmp_path / name), "--cache", "disk", "--cache_dir", tmp_path / "cache")
        found = (tmp_path / name / "best_model" / "adapter.safetensors").read_bytes()
        assert found == (trained / "best_model" / "adapter.safetensors").read_bytes()


def test_an_adapter_speaks(sure, trained, talker, tmp_path):
    common = ["--text", "Hello there.", "--max_frames", 2, "--seed", 3]
    sure("synthesize", "--adapter", trained, "--speaker", "bob", "--output", tmp_path / "a.wav", *common)
    sure("synthesize", "--adapter", trained / "best_model", "--speaker", talker / "voices" / "bob.npy", "--output",
         tmp_path / "b.wav", *common)
    sure("synthesize", "--model", talker / "model", "--speaker", talker / "voices" / "bob.npy", "--output",
         tmp_path / "c.wav", *common)
    a, b, c = ((tmp_path / f"{name}.wav").read_bytes() for name in "abc")
    assert a == b and a != c


def test_which_voice(attempt, trained, tmp_path):
    done = attempt("synthesize", "--adapter", trained, "--text", "Hi.", "--output", tmp_path / "a.wav")
    check_refused(done, 2, "--speaker", "ann, bob")


def test_a_file_for_each_line(attempt, trained, tmp_path):
    (tmp_path / "lines").write_text("One.\n\n...\nTwo, three.\n")
    done = attempt("synthesize", "--adapter", trained, "--speaker", "ann", "--max_frames", 2, "--text_file",
                   tmp_path / "lines", "--output_dir", tmp_path / "wavs")
    assert done.returncode == 1 and "lines:3: nothing to say" in done.stderr
    assert sorted(path.name for path in (tmp_path / "wavs").iterdir()) == ["0001.wav", "0004.wav"]


def test_an_adapter_that_speaks_hears_nothing(attempt, trained, spoken):
    clip = spoken / "train" / "ann" / "train0.wav"
    check_refused(attempt("predict", "--adapter", trained, clip), 2, "sure synthesize")


@pytest.fixture
def damaged(spoken, tmp_path):
    """The recordings with one silent, one of a frame, one without words, one whose text is too long for it."""
    root = shutil.copytree(spoken, tmp_path / "damaged")
    folder = root / "train" / "ann"
    soundfile.write(folder / "silent.wav", np.zeros(RATE, "float32"), RATE)
    soundfile.write(folder / "short.wav", np.full(200, 0.1, "float32"), RATE)
    write_voice(folder / "wordless.wav", 3)
    write_voice(folder / "long.wav", 4, seconds=0.2)
    for name, text in (("silent", "Yes."), ("short", "No."), ("wordless", "... !"), ("long", "Nobody says this so fast.")):
        (folder / f"{name}.txt").write_text(text)
    return root


def test_clips_that_teach_nothing(sure, attempt, flags, damaged, tmp_path):
    done = attempt(*flags(tmp_path / "a", data_dir=damaged))
    check_refused(done, 1, "cannot learn from 2 clips", "long.wav", "short.wav", "--skip_bad True")
    assert not (tmp_path / "a").exists()
    done = sure(*flags(tmp_path / "b", data_dir=damaged, max_steps=2), "--skip_bad", "True")
    assert "skipped 3 clips" in done.stdout and "is silent" in done.stdout
    bad = {clip["path"].rsplit("/", 1)[1] for clip in results_of(tmp_path / "b")["skipped_bad"]}
    assert bad == {"silent.wav", "short.wav", "long.wav"}


REFUSED = {
    "no_speaker": (dict(speaker=None), "--speaker is missing"),
    "bf16": (dict(bf16=True), "--bf16"),
    "folds": (dict(folds=2), "--folds"),
    "tune_layers": (dict(tune_layers="0"), "--tune_layers"),
    "speed": (dict(speed_perturbation=0.1), "--speed_perturbation"),
    "other_task": (dict(task="asr", model="random-tiny"), "--speaker: only for --task tts"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_flags_that_have_no_meaning(attempt, flags, tmp_path, name):
    changes, words = REFUSED[name]
    check_refused(attempt(*flags(tmp_path / "run", **changes)), 2, words)


def test_a_model_that_hears(attempt, flags, tmp_path):
    check_refused(attempt(*flags(tmp_path / "run", model="models/sure-tiny")), 1, "speaks nothing", "speecht5")


def test_a_speaker_without_a_voice(attempt, flags, talker, tmp_path):
    voices = shutil.copytree(talker / "voices", tmp_path / "voices")
    (voices / "bob.npy").unlink()
    check_refused(attempt(*flags(tmp_path / "run", speaker=voices)), 1, "bob.npy")


def count(sure, folder, *flags):
    return json.loads(sure("inspect", "--task", "tts", "--model", folder, *flags, "--json").stdout)["trained"]


def test_counts(sure, talker):
    folder = talker / "model"
    attentions, layers, size = 2 + 2 * 2, 4, 32
    assert count(sure, folder, "--method", "lora", "--lora_targets", "q_proj,v_proj") == attentions * 2 * 8 * 2 * size
    assert count(sure, folder, "--method", "prefix") == 30 * layers * 2 * size
    assert count(sure, folder, "--method", "bottleneck") == layers * (2 * size * size // 2 + size // 2 + size)


def test_counts_of_the_published_size(sure, tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "speecht5"}')
    report = json.loads(sure("inspect", "--task", "tts", "--model", tmp_path, "--method", "lora", "--lora_targets",
                             "q_proj,v_proj", "--json").stdout)
    assert report["trained"] == 589_824
    assert count(sure, tmp_path, "--method", "bottleneck") == 10_637_568
    assert count(sure, tmp_path, "--method", "prefix") == 829_440
    # In the encoder alone: in the decoder a convolution would see frames that are still to come.
    assert count(sure, tmp_path, "--method", "conv_adapter") == 12 * 81_792


def test_goes_on_from_an_adapter(sure, flags, trained, tmp_path):
    sure(*flags(tmp_path / "run", max_steps=2), "--init_from", trained)
    assert results_of(tmp_path / "run")["steps"] == 2
