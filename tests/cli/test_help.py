"""What a newcomer sees first."""

import pytest

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


def test_no_command_is_a_usage_error(attempt):
    done = attempt()
    assert done.returncode == 2 and "sure --help" in done.stderr


def test_unknown_command_names_the_nearest(attempt):
    done = attempt("trian")
    assert done.returncode == 2 and "did you mean train?" in done.stderr
