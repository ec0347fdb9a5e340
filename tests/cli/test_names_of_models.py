"""Models by the id of the hub, models and adapters that are not where they were, folders that are something else."""

import json
import os
import shutil

import pytest

from cli.conftest import check_refused
from programs import ROOT

ID = "acme/tiny-wav2vec2"
COMMIT = "0123456789abcdef"


@pytest.fixture
def cache(tiny_model, tmp_path):
    """A Hugging Face cache with one model, as `hf download` leaves it."""
    repository = tmp_path / "hub" / f"models--{ID.replace('/', '--')}"
    shutil.copytree(tiny_model("wav2vec2_base").path, repository / "snapshots" / COMMIT)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(COMMIT)
    return repository


@pytest.fixture
def env(cache):
    return os.environ | {"HF_HUB_CACHE": str(cache.parent)}


@pytest.fixture
def train(attempt, on_tones, tmp_path):
    def run(model, *flags, **options):
        arguments = ["--model", model, "--method", "lora", "--max_steps", 2, "--output_dir", tmp_path / "run", *flags]
        return attempt("train", *on_tones, *arguments, **options)

    return run


@pytest.mark.parametrize("revision", ["", "@main", f"@{COMMIT}", "@0123"])
def test_an_id_is_looked_up_in_the_cache(attempt, env, revision):
    done = attempt("inspect", "--model", ID + revision, "--method", "lora", "--json", env=env)
    assert done.returncode == 0, done.stderr
    assert "classifier.weight" in json.loads(done.stdout)["unused_tensors"]


def test_the_cache_is_where_hugging_faces_is(attempt, cache, tmp_path):
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "XDG_", "HUGGINGFACE_"))}
    (tmp_path / ".cache" / "huggingface").mkdir(parents=True)
    for variables, hub in (({"HF_HOME": tmp_path}, "hub"), ({"HOME": tmp_path}, ".cache/huggingface/hub")):
        if hub != "hub":
            (tmp_path / hub).symlink_to(cache.parent)
        env = plain | {name: str(value) for name, value in variables.items()}
        assert attempt("inspect", "--model", ID, env=env).returncode == 0


def test_what_the_cache_lacks(attempt, cache, env):
    done = attempt("inspect", "--model", "facebook/wav2vec2-base", env=env)
    check_refused(done, 1, "hf download facebook/wav2vec2-base", "git clone https://huggingface.co/facebook/wav2vec2-base")
    done = attempt("inspect", "--model", ID + "@other", env=env)
    check_refused(done, 1, f"hf download {ID} --revision other")
    (cache / "snapshots" / COMMIT / "model.safetensors").unlink()
    check_refused(attempt("inspect", "--model", ID, env=env), 1, "no weights", f"hf download {ID}")
    check_refused(attempt("inspect", "--model", "/nowhere/at/all", env=env), 1, "/nowhere/at/all: no such folder")


def test_a_pointer_in_place_of_weights(train, cache):
    folder = cache / "snapshots" / COMMIT
    (folder / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    check_refused(train(folder), 1, "model.safetensors", "git lfs pull")


def test_an_adapter_finds_its_model_again(train, attempt, cache, env, tones, tmp_path):
    clip = next((tones / "test").rglob("*.wav"))
    predict = ["predict", "--adapter", tmp_path / "run", clip]
    for model, at_home in ((ID, env), (cache / "snapshots" / COMMIT, None)):
        done = train(model, "--overwrite_output_dir", True, env=at_home)
        assert done.returncode == 0, done.stderr
        adapter = json.loads((tmp_path / "run" / "best_model" / "adapter.json").read_text())
        assert {adapter["model"]["model"], adapter["model_also_known_as"]} >= {str(cache / "snapshots" / COMMIT)}
        before = attempt(*predict, env=env)
        assert before.returncode == 0, before.stderr
        moved = cache.parent.rename(tmp_path / "elsewhere")
        there = attempt(*predict, env=env | {"HF_HUB_CACHE": str(moved)})
        assert there.stdout == before.stdout, there.stderr
        check_refused(attempt(*predict, env=env), 1, tmp_path / "run" / "best_model", "pass its folder with --model")
        moved.rename(cache.parent)


def test_a_run_stands_for_its_adapter(train, attempt, tiny_model, tones, tmp_path):
    steps = ["--save_strategy", "steps", "--save_steps", 1]
    assert train(tiny_model("wav2vec2_base").path, *steps).returncode == 0
    clip = next((tones / "test").rglob("*.wav"))
    best = attempt("predict", "--adapter", tmp_path / "run" / "best_model", clip).stdout
    assert attempt("predict", "--adapter", tmp_path / "run", clip).stdout == best
    about = json.loads(attempt("inspect", "--adapter", tmp_path / "run", "--json").stdout)
    assert about["method"] == "lora"
    shutil.rmtree(tmp_path / "run" / "best_model")
    newest = attempt("predict", "--adapter", tmp_path / "run" / "checkpoint-2", clip).stdout
    assert newest and attempt("predict", "--adapter", tmp_path / "run", clip).stdout == newest


def test_folders_that_are_something_else(train, attempt, lora, tiny_model, tones, tmp_path):
    model = tiny_model("wav2vec2_base").path
    clip = next((tones / "test").rglob("*.wav"))
    assert attempt("predict", "--adapter", model, clip).returncode == 0  # a whole model, with a head
    for adapter in (lora, lora / "best_model"):
        check_refused(train(adapter), 1, adapter, "not a model", "--adapter")
    other = tmp_path / "other"
    other.mkdir()
    (other / "adapter_config.json").write_text("{}")
    check_refused(train(other), 1, other, "PEFT", "--adapter")
    (other / "config.json").write_text(json.dumps({"model_type": "whisper", "architectures": ["WhisperModel"]}))
    check_refused(train(other), 2, other, "model_type 'whisper' (WhisperModel)", "wav2vec2, hubert")
    (other / "config.json").write_text(json.dumps({"num_hidden_layers": 10**9}))
    check_refused(attempt("inspect", "--model", other), 1, other, "'num_hidden_layers'")


def test_a_config_of_fewer_layers_than_the_weights(train, tiny_model, tmp_path):
    model = shutil.copytree(tiny_model("wav2vec2_base").path, tmp_path / "model")
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps(config | {"num_hidden_layers": config["num_hidden_layers"] - 1}))
    check_refused(train(model), 1, model, "num_hidden_layers", f"encoder.layers.{config['num_hidden_layers'] - 1}.")


def test_tensors_of_the_encoder_that_nothing_uses(train, attempt, tiny_model, tones, tmp_path):
    import safetensors.torch
    import torch

    model = shutil.copytree(tiny_model("wav2vec2_base").path, tmp_path / "model")
    tensors = safetensors.torch.load_file(model / "model.safetensors")
    prefix = next(name for name in tensors if "encoder.layers.0." in name).split("encoder.")[0]
    extra = {f"{prefix}encoder.layers.0.adapter_{i}.weight": torch.ones(2) for i in range(5)}
    safetensors.torch.save_file(tensors | extra | {"quantizer.codevectors": torch.ones(2)}, model / "model.safetensors")
    note = "5 tensors of the encoder are not used: encoder.layers.0.adapter_0.weight, "
    done = train(model)
    assert done.returncode == 0 and done.stdout.count(note) == 1 and "and 2 more" in done.stdout, done.stderr
    done = attempt("predict", "--adapter", tmp_path / "run", next((tones / "test").rglob("*.wav")))
    assert done.returncode == 0 and done.stderr.count(note) == 1, done.stderr
    assert "not used" not in train(tiny_model("wav2vec2_base").path, "--overwrite_output_dir", True).stdout


def test_an_adapter_of_the_hub(train, attempt, cache, env, tones, tmp_path):
    assert train(cache / "snapshots" / COMMIT, "--method", "lora").returncode == 0
    clip = next((tones / "test").rglob("*.wav"))
    for name, to in (("acme/peft", "peft"), ("acme/ours", None)):
        snapshot = cache.parent / f"models--{name.replace('/', '--')}" / "snapshots" / COMMIT
        if to:
            export = attempt("export", "--adapter", tmp_path / "run", "--to", to, "--output_dir", snapshot)
            assert export.returncode == 0, export.stderr
        else:
            shutil.copytree(tmp_path / "run" / "best_model", snapshot)
        done = attempt("predict", "--adapter", name, clip, env=env)
        assert done.returncode == 0, done.stderr
    done = attempt("predict", "--adapter", "acme/other", clip, env=env)
    check_refused(done, 1, "acme/other", "hf download acme/other")


def test_a_model_that_is_nowhere_is_found_before_the_data(attempt, tmp_path):
    data = ["--dataset", "folder", "--data_dir", tmp_path / "no_data", "--output_dir", tmp_path / "out"]
    model = tmp_path / "no_model"
    check_refused(attempt("train", *data, "--model", model), 1, f"{model}: no such folder")
    done = attempt("compare", "--methods", "lora", *data, "--model", model)
    check_refused(done, 1, f"{model}: no such folder")
    done = attempt("pretrain", "--audio", tmp_path / "no_data", "--teacher", model, "--output_dir", tmp_path / "out")
    check_refused(done, 1, f"{model}: no such folder")
    done = attempt("pretrain", "--audio", tmp_path / "no_data", "--init_from", model, "--output_dir", tmp_path / "out")
    check_refused(done, 1, f"{model}: no such folder")
    done = attempt("train", *data, "--model", "random-tiny", "--max_samples", 1)
    check_refused(done, 2, "--max_samples 1: this model needs at least")
    assert not (tmp_path / "out").exists()


def test_a_label_twice_in_an_adapter(attempt, lora, tones, tmp_path):
    adapter = shutil.copytree(lora / "best_model", tmp_path / "adapter")
    description = json.loads((adapter / "adapter.json").read_text())
    description["labels"][1] = description["labels"][0]
    (adapter / "adapter.json").write_text(json.dumps(description))
    check_refused(attempt("predict", "--adapter", adapter, tones), 1, adapter / "adapter.json", "'labels'", "twice")


def test_a_window_longer_than_anything(attempt, lora, tones):
    done = attempt("predict", "--adapter", lora / "best_model", "--window", "1e18", tones)
    check_refused(done, 2, "--window 1e+18: too long")


def test_an_old_adapter_and_a_missing_mask_embedding(train, attempt, tiny_model, tones, tmp_path):
    import safetensors.torch

    config = {"apply_spec_augment": True, "mask_time_prob": 0.05}
    model = shutil.copytree(tiny_model("wav2vec2_base", **config).path, tmp_path / "model")
    tensors = safetensors.torch.load_file(model / "model.safetensors")
    for name in [name for name in tensors if name.endswith("masked_spec_embed")]:
        del tensors[name]
    safetensors.torch.save_file(tensors, model / "model.safetensors")
    assert train(model).returncode == 0
    adapter = tmp_path / "run" / "best_model" / "adapter.json"
    old = {key: value for key, value in json.loads(adapter.read_text()).items() if key != "model_also_known_as"}
    adapter.write_text(json.dumps(old))
    clip = next((tones / "test").rglob("*.wav"))
    assert attempt("predict", "--adapter", tmp_path / "run", clip).returncode == 0


def test_the_shipped_models_fingerprint_stays(train, tmp_path):
    assert train(ROOT / "models" / "sure-tiny", "--max_steps", 1).returncode == 0
    adapter = json.loads((tmp_path / "run" / "best_model" / "adapter.json").read_text())
    assert adapter["fingerprint"] == "8c40b386bedf4044d1b7f453cbc4afc3"
