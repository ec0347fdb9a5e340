"""Several methods on one task."""

import json
import shutil
import statistics

from cli.conftest import check_refused
from programs import ROOT


def test_table_of_methods_and_seeds(sure, on_tones, tmp_path):
    arguments = ["compare", "--methods", "lora,bottleneck", "--seeds", 2, *on_tones, "--max_steps", 2]
    arguments += ["--output_dir", tmp_path]
    done = sure(*arguments)
    heading, *rows = done.stdout.splitlines()
    assert heading.startswith("method") and [row.split()[0] for row in rows] == ["lora", "bottleneck"]
    assert "step 2/2" in done.stderr

    table = json.loads((tmp_path / "comparison.json").read_text())
    runs = [json.loads((tmp_path / f"lora-seed{seed}" / "results.json").read_text()) for seed in (1314, 1315)]
    values = [run["test"]["metrics"][table["metric"]] for run in runs]
    row = table["methods"][0]
    assert row["mean"] == statistics.mean(values) and abs(row["deviation"] - statistics.stdev(values)) < 1e-12
    assert row["trained"] == runs[0]["trained"]
    assert row["peak_memory_bytes"] == max(run["peak_memory_bytes"] for run in runs)
    markdown = (tmp_path / "comparison.md").read_text().splitlines()
    assert len(markdown) == 4 and markdown[2].startswith("| lora |") and "±" in markdown[2]

    again = sure(*arguments, "--resume", "latest", "--format", "json")
    assert json.loads(again.stdout) == table and again.stderr.count("reused") == 4


def test_finished_runs_of_another_configuration_are_not_reused(sure, on_tones, tmp_path):
    arguments = ["compare", "--methods", "lora", *on_tones, "--output_dir", tmp_path, "--save_strategy", "no"]
    sure(*arguments, "--max_steps", 1)
    done = sure(*arguments, "--max_steps", 2, "--resume", "latest")
    assert "reused" not in done.stderr
    assert json.loads((tmp_path / "lora-seed1314" / "results.json").read_text())["steps"] == 2


def test_failing_run_is_named(attempt, on_tones, tmp_path):
    broken = tmp_path / "broken"
    shutil.copytree(ROOT / "models" / "sure-tiny", broken)
    (broken / "model.safetensors").write_bytes(b"cut")
    run = [*on_tones, "--model", broken, "--output_dir", tmp_path / "out"]
    done = attempt("compare", "--methods", "lora", *run)
    assert done.returncode == 1 and "lora-seed1314" in done.stderr
    assert not (tmp_path / "out" / "comparison.json").exists()


def test_contradictory_and_bad_flags(attempt, on_tones):
    check_refused(attempt("compare", *on_tones), 2, "--methods")
    check_refused(attempt("compare", "--methods", "lora,lora", *on_tones), 2, "--methods", "twice")
    check_refused(attempt("compare", "--methods", "lora,lorra", *on_tones), 2, "'lorra'")
    two_ways = attempt("compare", "--methods", "lora", "--fine_tune", "True", *on_tones)
    check_refused(two_ways, 2, "--methods", "--fine_tune")
    check_refused(attempt("compare", "--methods", "lora", "--seeds", 0, *on_tones), 2, "--seeds")
