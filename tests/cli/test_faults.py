"""What loses people's work elsewhere: folders that are not ours, two runs in one, devices, read errors, kills."""

import fcntl
import os
import resource
import shutil
import signal
import subprocess
import threading
import time

import pytest

from cli.conftest import check_refused, write_tone
from cli.test_pretrain import FAST, SHAPE

strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
DEAD = "999999999-0123456789abcdef"  # no process has that number


def visible(folder):
    return sorted(p.name for p in folder.iterdir() if not p.name.startswith("."))


@pytest.fixture
def short(on_tones):
    return ["train", *on_tones, "--method", "lora", "--max_steps", 1, "--do_predict", "False", "--do_eval", "False"]


def test_export_makes_a_folder_named_from_here(sure, lora, tmp_path):
    sure("export", "--adapter", lora, "--to", "peft", "--output_dir", "here", cwd=tmp_path)
    assert (tmp_path / "here" / "adapter_config.json").is_file()


def test_a_file_that_may_not_grow_is_one_line(attempt, lora, tones, tmp_path):
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
    arguments = ["--adapter", lora, "--output", tmp_path / "out.csv", "--format", "csv", tones / "test"]
    check_refused(attempt("predict", *arguments, preexec_fn=limit), 1, "cannot write the predictions")


def test_export_leaves_alone_what_it_did_not_write(sure, attempt, lora, tmp_path):
    run = shutil.copytree(lora, tmp_path / "run")
    before = sorted(run.rglob("*"))
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "config.json").write_text("{}")
    export = ["export", "--adapter", lora / "best_model", "--to"]
    for folder in (run, run / "best_model", foreign):
        check_refused(attempt(*export, "hf", "--output_dir", folder), 2, folder, "sure export")
    assert sorted(run.rglob("*")) == before and visible(foreign) == ["config.json"]

    out = tmp_path / "out"
    for form in ("hf", "peft", "hf"):
        out.mkdir(exist_ok=True)
        (out / "notes.md").write_text("mine") if form == "peft" else None
        sure(*export, form, "--output_dir", f"{out}/")
    assert (out / "notes.md").read_text() == "mine" and not (out / "adapter_config.json").exists()
    sure(*export, "hf", "--output_dir", ".", cwd=out)
    assert {"notes.md", "config.json", "model.safetensors"} <= set(visible(out))
    assert not [name for name in os.listdir(out) if name.startswith(".sure-")]
    assert visible(tmp_path) == ["foreign", "out", "run"]


def test_overwriting_removes_only_a_runs_own(sure, attempt, short, lora, tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "precious.txt").write_text("mine")
    run = [*short, "--output_dir", tmp_path, "--overwrite_output_dir", "True"]
    sure(*run)
    (tmp_path / "best_model" / "notes.txt").write_text("mine")
    shutil.copytree(lora / "best_model", tmp_path / "checkpoint-7")  # an older version's: without a mark
    os.remove(tmp_path / "checkpoint-7" / ".sure")
    check_refused(attempt(*run), 2, "checkpoint-7", "not written by sure train")
    for name in ("optimizer.safetensors", "trainer_state.json"):
        (tmp_path / "checkpoint-7" / name).write_text("{}")
    sure(*run)
    assert visible(tmp_path) == ["best_model", "checkpoint-1", "config.json", "log", "model", "results.json"]
    assert (tmp_path / "model" / "precious.txt").exists() and (tmp_path / "best_model" / "notes.txt").exists()
    assert (tmp_path / "best_model" / "adapter.json").exists()


@pytest.mark.parametrize("name", ["best_model/model.safetensors", "checkpoint-5/optimizer.pt", "config.json"])
def test_what_others_wrote_is_not_replaced(attempt, short, tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("{}")
    check_refused(attempt(*short, "--output_dir", tmp_path, "--overwrite_output_dir"), 2, name.split("/")[0])
    assert (tmp_path / name).read_text() == "{}"


def test_a_model_in_use_is_not_removed(attempt, tmp_path):
    for clip in range(3):
        write_tone(tmp_path / "audio" / f"{clip}.wav", 300.0, seconds=1.0)
    out = tmp_path / "out"
    run = ["pretrain", "--audio", tmp_path / "audio", *SHAPE, *FAST, "--max_steps", 1, "--output_dir", out]
    first = attempt(*run)
    assert first.returncode == 0, first.stderr
    check_refused(attempt(*run, "--overwrite_output_dir", "--teacher", out / "model"), 2, "--teacher", "model")
    (out / "model" / "card.md").write_text("mine")
    assert attempt(*run, "--overwrite_output_dir").returncode == 0
    assert "card.md" in visible(out / "model") and "model.safetensors" in visible(out / "model")


def test_one_run_at_a_time(sure, attempt, short, lora, tmp_path):
    (tmp_path / "out").mkdir()
    with open(tmp_path / "out" / ".sure.lock", "w") as lock:
        lock.write("sure train, process 4711 on box, since yesterday\n")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        check_refused(attempt(*short, "--output_dir", tmp_path / "out"), 1, "process 4711 on box, since yesterday")
        assert visible(tmp_path / "out") == []
    sure(*short, "--output_dir", tmp_path / "out")  # whoever held it is dead
    assert not (tmp_path / "out" / ".sure.lock").exists()


def test_devices_pipes_and_links_are_written_through(sure, lora, tones, tmp_path):
    clip = next(tones.rglob("*.wav"))
    predict = ["predict", "--adapter", lora / "best_model", clip, "--output"]
    expected = sure("predict", "--adapter", lora / "best_model", clip).stdout
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("linked.txt")
    read = []
    reader = threading.Thread(target=lambda: read.append((tmp_path / "pipe").read_text()))
    reader.start()
    sure(*predict, tmp_path / "pipe")
    reader.join()
    assert read == [expected] and (tmp_path / "pipe").is_fifo()
    sure(*predict, tmp_path / "link")
    assert (tmp_path / "linked.txt").read_text() == expected and (tmp_path / "link").is_symlink()
    sure(*predict, "/dev/null")
    assert not os.path.isfile("/dev/null")
    assert sure(*predict, "/dev/stdout").stdout == expected
    with open(tmp_path / "file", "w") as file:
        file.write("before\n")
        file.flush()
        sure("predict", "--adapter", lora / "best_model", clip, "--output", f"/dev/fd/{file.fileno()}",
             pass_fds=[file.fileno()])
    assert (tmp_path / "file").read_text() == "before\n" + expected


@pytest.mark.parametrize("stderr", [">&-", ">/dev/full"])
def test_messages_that_nobody_takes_end_nothing(sure_path, lora, tones, tmp_path, stderr):
    clip = tones / "test" / "low" / "test0.wav"
    line = f'exec "$0" predict --adapter "$1" "$2" gone.wav "$2" 2{stderr}'
    done = subprocess.run(["sh", "-c", line, sure_path, lora, clip], stdout=subprocess.PIPE, timeout=60)
    assert done.returncode == 1 and done.stdout.count(b"\n") == 2


def test_what_the_system_says_of_a_folder_is_one_line_of_ours(attempt, short, tmp_path):
    (tmp_path / "itself").symlink_to("itself")
    for name in ("itself", "y" * 300):
        check_refused(attempt(*short, "--output_dir", tmp_path / name), 1, f"sure: {tmp_path / name}")


def test_what_is_read_is_not_replaced(attempt, lora, tones, tmp_path):
    clip = write_tone(tmp_path / "clip.wav", 300.0)
    table = tmp_path / "m.csv"
    table.write_text("path,label\nclip.wav,low\n")
    before = clip.read_bytes(), table.read_text()
    check_refused(attempt("predict", "--adapter", lora, "--output", clip, clip), 2, "--output", clip)
    measured = ["--adapter", lora, "--dataset", "manifest", "--data_dir", table]
    check_refused(attempt("evaluate", *measured, "--predictions", table), 2, "--predictions", table)
    assert (clip.read_bytes(), table.read_text()) == before


def test_read_errors_are_no_ends(attempt, short):
    check_refused(attempt(*short, "--config", "/proc/self/mem"), 1, "/proc/self/mem", "Input/output error")


@strace
def test_a_read_error_in_a_manifest(sure_path, tones, tmp_path):
    clips = sorted(tones.rglob("*.wav"))
    (tmp_path / "m.csv").write_text("path,label\n" + "".join(f"{c},{c.parent.name}\n" for c in clips))
    command = ["strace", "-f", "-o", "/dev/null", "-P", tmp_path / "m.csv", "-e", "trace=read", "-e",
               "inject=read:error=EIO:when=2", sure_path, "inspect", "--dataset", "manifest", "--data_dir",
               tmp_path / "m.csv"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120)
    check_refused(done, 1, "m.csv", "Input/output error")


def test_a_mapped_file_that_is_cut_while_in_use(sure_path, on_tones, tiny_model, tmp_path):
    model = shutil.copytree(tiny_model("wav2vec2_base").path, tmp_path / "model")
    command = [sure_path, "train", *on_tones, "--model", model, "--max_steps", 100000, "--output_dir", tmp_path / "out"]
    run = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 60
    while not (tmp_path / "out" / "log").exists():
        assert time.monotonic() < end and run.poll() is None
        time.sleep(0.05)
    os.truncate(model / "model.safetensors", 0)
    line = run.communicate(timeout=60)[1]
    assert run.returncode == 1 and line.count("\n") == 1 and "model.safetensors: cannot read" in line, line


@strace
@pytest.mark.parametrize("error", ["EINVAL", "EXDEV"])
def test_file_systems_without_exchange(sure_path, on_tones, tmp_path, error):
    """EXDEV: as an overlay, which cannot rename folders of its lower layer at all."""
    inject = f"inject=renameat2:error={error}"
    run = [sure_path, "train", *on_tones, "--method", "conv_adapter", "--evaluation_strategy", "steps", "--eval_steps",
           1, "--save_strategy", "steps", "--save_steps", 2, "--max_steps", 6, "--metric_for_best_model", "loss",
           "--learning_rate", 1e-3, "--early_stopping_patience", 0, "--do_predict", "False", "--output_dir"]
    traced = ["strace", "-f", "-o", "/dev/null", "-e", "trace=renameat2", "-e", inject]
    done = subprocess.run(list(map(str, [*traced, *run, tmp_path / "a"])), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    subprocess.run(list(map(str, [*run, tmp_path / "b"])), check=True, capture_output=True, timeout=120)
    for name in ("best_model/adapter.safetensors", "checkpoint-6/optimizer.safetensors"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    assert visible(tmp_path / "a") == visible(tmp_path / "b")


def test_leftovers_of_killed_runs_go(sure, short, tmp_path):
    for name in (f"best_model.{DEAD}.tmp", "checkpoint-3.4711.tmp", "checkpoint-2.old.tmp"):
        (tmp_path / name).mkdir()
    for name in (f"config.json.{DEAD}.tmp", "results.json.4711.tmp", "my.tmp", "my.4711.tmp"):
        (tmp_path / name).write_text("text")
    live = tmp_path / f"notes.{DEAD}.tmp"
    with open(live, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        sure(*short, "--output_dir", tmp_path)
        assert live.exists()
    assert [name for name in visible(tmp_path) if name.endswith("tmp")] == ["my.4711.tmp", "my.tmp", live.name]


def children_of(process):
    with open(f"/proc/{process}/task/{process}/children") as file:
        return list(map(int, file.read().split()))


def is_running(process):
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGKILL])
def test_comparisons_end_their_runs(sure_path, on_tones, tmp_path, kind):
    command = [sure_path, "compare", "--methods", "lora", *on_tones, "--max_steps", 100000, "--output_dir", tmp_path]
    compare = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while not (tmp_path / "lora-seed1314" / "config.json").exists():
        assert time.monotonic() < end and compare.poll() is None
        time.sleep(0.05)
    children = children_of(compare.pid)
    assert len(children) == 1
    compare.send_signal(kind)
    assert compare.wait(timeout=60) == -kind
    while any(map(is_running, children)):
        assert time.monotonic() < end + 30
        time.sleep(0.05)
