"""What a newcomer sees first."""

import re
import subprocess

import pytest

from cli.conftest import check_refused, shown_on_terminal

COMMANDS = ["train", "evaluate", "predict", "verify", "inspect", "export", "compare", "pretrain"]


def test_program_lists_its_commands(sure):
    text = sure("--help").stdout
    for command in COMMANDS:
        assert f"\n  {command} " in text
    assert "Example:" in text


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help_with_an_example(sure, command):
    text = sure(command, "--help").stdout
    assert f"Example:\n  sure {command} --" in text
    assert ("--audio" if command == "pretrain" else "--model") in text


def test_bare_program_helps(sure):
    assert sure().stdout == sure("--help").stdout


def test_version_names_the_libraries(sure):
    assert re.fullmatch(r"sure \d+\.\d+\.\d+ \(libtorch [\d.]+, kernels \w+\)\n", sure("--version").stdout)


def flags_of(text):
    return re.findall(r"^  --(\w+)", text, re.MULTILINE)


def test_help_shows_the_common_flags_in_the_order_of_use(sure):
    text = sure("train", "--help").stdout
    assert flags_of(text)[:6] == ["dataset", "data_dir", "task", "model", "method", "output_dir"]
    assert 20 <= len(flags_of(text)) <= 35
    assert "--lr" in text and "--epochs" in text and "-o" in text
    assert max(len(line) for line in text.splitlines() if not line.startswith("  sure ")) <= 100


def test_help_all_shows_every_flag_once(sure):
    text = sure("train", "--help-all").stdout
    names = flags_of(text)
    assert set(flags_of(sure("train", "--help").stdout)) < set(names) and len(names) == len(set(names))
    listed = [line.split()[0] for line in sure("train", "--list-flags").stdout.splitlines()]
    assert listed == ["--" + name for name in names]


@pytest.mark.parametrize("width, least", [(60, 70), (100, 90)])
def test_help_fits_the_terminal(sure_path, width, least):
    text = shown_on_terminal([sure_path, "train", "--help-all"], columns=width)
    longest = max(len(line.rstrip("\r")) for line in text.splitlines() if not line.startswith("  sure "))
    assert least <= longest <= max(width, 72)


def test_bash_completes_commands_flags_and_values(sure_path, sure, tmp_path):
    script = tmp_path / "complete.sh"
    script.write_text(sure("completion", "bash").stdout)

    def complete(*words):
        line = " ".join(f"'{word}'" for word in words)
        ask = f"source {script}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _sure; echo ${{COMPREPLY[*]}}"
        return subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True).stdout.split()

    assert complete("sure", "tr") == ["train"]
    assert complete("sure", "train", "--lora_r") == ["--lora_rank"]
    assert complete("sure", "train", "--bf16", "T") == ["True"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_a_script(sure, shell):
    text = sure("completion", shell).stdout
    assert "lora_rank" in text and "predict" in text


def test_completion_needs_a_known_shell(attempt):
    check_refused(attempt("completion"), 2, "bash, zsh or fish")
    check_refused(attempt("completion", "csh"), 2, "'csh'")


def test_unknown_command_names_the_nearest(attempt):
    done = attempt("trian")
    assert done.returncode == 2 and "did you mean train?" in done.stderr
